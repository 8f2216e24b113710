select
    document_id as return_id,
    order_id,
    document_id as invoice_id,
    customer_id,
    -- The day of the return is not recorded; it was not before the receipt.
    receipt_date as received_at,
    'OTHER' as reason
from order_line
where is_returned
