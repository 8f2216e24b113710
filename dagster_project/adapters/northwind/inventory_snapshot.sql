select
    (
        select greatest(max(order_date), max(shipped_date)) from order_header
    ) as snapshot_date,
    'NORTHWIND-DC' as site_id,
    ProductID as product_id,
    'AVAILABLE' as stock_status,
    cast(UnitsInStock as decimal(18, 4)) as on_hand_qty,
    'EA' as uom
from products
