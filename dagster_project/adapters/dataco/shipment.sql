select
    order_id as shipment_id,
    site_id as to_site_id,
    -- The ship date is all that is known of a shipment.
    departed_at as created_at,
    departed_at,
    'SHIPPED' as status
from order_header
where departed_at is not null
    and not is_cancelled
