select
    order_id,
    line_no,
    1 as schedule_no,
    1 as revision,
    product_id,
    quantity as ordered_qty,
    'EA' as uom,
    gross / quantity as list_price,
    net / quantity as net_price,
    discount * 100 as discount_pct,
    commit_date as first_confirmed_at,
    quantity as first_confirmed_qty,
    commit_date as confirmed_at,
    quantity as confirmed_qty,
    supplier_site_id as ship_from_site_id
from order_line
