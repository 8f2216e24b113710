select
    order_id as freight_invoice_id,
    'BASE' as charge_type,
    carrier_id,
    case when shipped_date is not null then order_id end as shipment_id,
    freight as amount,
    'USD' as currency,
    coalesce(shipped_date, order_date) as invoice_date
from order_header
