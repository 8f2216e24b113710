select
    order_id as invoice_id,
    line_no,
    order_id,
    line_no as order_line_no,
    case when departed_at is not null and not is_cancelled then order_id end as shipment_id,
    case when departed_at is not null and not is_cancelled then line_no end as shipment_line_no,
    product_id,
    quantity as invoiced_qty,
    'EA' as uom,
    gross as gross_amount,
    discount as discount_amount,
    gross - discount as net_amount,
    gross - discount - profit as cogs_std_amount,
    'SALES' as gl_account
from order_line
inner join order_header using (order_id)
