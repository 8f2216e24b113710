select
    p.po_id,
    p.line_no,
    product_code(p.product) as product_id,
    p.dc as to_site_id,
    p.units::decimal(18, 4) as ordered_qty,
    'EA' as uom,
    c.unit_cost::decimal(18, 6) as unit_price,
    p.promised_on as promised_date,
    p.promised_on as first_promised_date,
    'OPEN' as status,
    window_of(p.created_on + interval 9 hour) as _window
from purchase as p
inner join standard_cost as c
    on c.product = p.product and c.company_code = p.company_code and c.year = year(p.created_on)
where p.created_on + interval 9 hour < getvariable('end_at')
