select
    order_id as shipment_id,
    'NORTHWIND-DC' as from_site_id,
    site_id as to_site_id,
    carrier_id,
    -- The ship date is all that is known of a shipment.
    shipped_date as created_at,
    shipped_date as departed_at,
    'SHIPPED' as status
from order_header
where shipped_date is not null
