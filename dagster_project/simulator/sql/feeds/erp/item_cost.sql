select
    product_code(c.product) as product_id,
    dc.dc as site_id,
    'STANDARD' as cost_type,
    make_date(c.year, 1, 1) as valid_from,
    case when c.year < 2025 then make_date(c.year + 1, 1, 1) end as valid_to,
    c.unit_cost::decimal(18, 6) as amount,
    l.currency,
    'EA' as per_uom,
    null::decimal(18, 6) as duty_rate
from standard_cost as c
inner join dc on dc.company_code = c.company_code
inner join local_currency as l on l.company_code = c.company_code
