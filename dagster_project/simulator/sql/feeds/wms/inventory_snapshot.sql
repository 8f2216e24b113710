select
    day as snapshot_date,
    dc as site_id,
    product_code(product) as product_id,
    status as stock_status,
    null as lot,
    qty::decimal(18, 4) as on_hand_qty,
    'EA' as uom,
    unit_cost::decimal(18, 6) as unit_cost,
    window_of(day + interval 22 hour) as _window
from stock
