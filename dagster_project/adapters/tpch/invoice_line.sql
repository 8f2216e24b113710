select
    document_id as invoice_id,
    line_no,
    order_id,
    line_no as order_line_no,
    document_id as shipment_id,
    line_no as shipment_line_no,
    product_id,
    quantity as invoiced_qty,
    'EA' as uom,
    gross as gross_amount,
    gross - net as discount_amount,
    net as net_amount,
    tax as tax_amount,
    cost as cogs_std_amount,
    'SALES' as gl_account
from order_line
