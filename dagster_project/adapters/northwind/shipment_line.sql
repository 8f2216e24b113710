select
    order_id as shipment_id,
    line_no,
    order_id,
    line_no as order_line_no,
    product_id,
    'EA' as uom
from order_line
inner join order_header using (order_id)
where shipped_date is not null
