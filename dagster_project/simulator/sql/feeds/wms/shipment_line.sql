select
    shipment_code(shipment_no) as shipment_id,
    line_no,
    order_code(order_no) as order_id,
    line_no as order_line_no,
    1::bigint as schedule_no,
    product_code(product) as product_id,
    (qty * case when is_shipped_in_base then units else 1 end)::decimal(18, 4) as picked_qty,
    (qty * case when is_shipped_in_base then units else 1 end)::decimal(18, 4) as shipped_qty,
    case when is_shipped_in_base then 'EA' else uom end as uom,
    'L' || strftime(departed_at, '%y%m') || (product % 10) as lot,
    (short_qty * case when is_shipped_in_base then units else 1 end)::decimal(18, 4) as short_qty,
    case when short_qty > 0 then case fate when 'PICK_SHORT' then 'PICK_ERROR' else 'STOCKOUT' end end as short_reason,
    null as substituted_product_id,
    window_of(known_at) as _window
from pieces
