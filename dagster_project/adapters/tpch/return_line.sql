select
    document_id as return_id,
    line_no,
    line_no as order_line_no,
    product_id,
    quantity as returned_qty,
    'EA' as uom
from order_line
where is_returned
