select
    order_id as invoice_id,
    line_no,
    order_id,
    line_no as order_line_no,
    case when shipped_date is not null then order_id end as shipment_id,
    case when shipped_date is not null then line_no end as shipment_line_no,
    product_id,
    quantity as invoiced_qty,
    'EA' as uom,
    gross as gross_amount,
    gross - net as discount_amount,
    net as net_amount,
    'SALES' as gl_account
from order_line
inner join order_header using (order_id)
