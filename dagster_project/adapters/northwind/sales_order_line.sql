select
    order_id,
    line_no,
    1 as schedule_no,
    1 as revision,
    product_id,
    quantity as ordered_qty,
    'EA' as uom,
    unit_price as list_price,
    unit_price * (1 - discount) as net_price,
    discount * 100 as discount_pct,
    required_date as requested_at,
    -- The source calls an order late that ships after its required date.
    required_date as promised_ship_at,
    'NORTHWIND-DC' as ship_from_site_id
from order_line
inner join order_header using (order_id)
