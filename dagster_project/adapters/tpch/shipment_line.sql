select
    document_id as shipment_id,
    line_no,
    order_id,
    line_no as order_line_no,
    product_id,
    quantity as picked_qty,
    quantity as shipped_qty,
    'EA' as uom
from order_line
