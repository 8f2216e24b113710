select
    document_id as event_id,
    document_id as shipment_id,
    'DELIVERED' as code,
    receipt_date as event_at,
    'UTC' as tz_name,
    customer_site_id as site_id,
    quantity as received_qty
from order_line
