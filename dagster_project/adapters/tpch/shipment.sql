select
    document_id as shipment_id,
    supplier_site_id as from_site_id,
    customer_site_id as to_site_id,
    carrier_id,
    ship_date as created_at,
    ship_date as departed_at,
    'SHIPPED' as status
from order_line
