select
    'RT' || lpad(piece_key::varchar, 12, '0') as return_id,
    1::bigint as line_no,
    order_line_no,
    product_code(product) as product_id,
    returned_qty::decimal(18, 4) as returned_qty,
    uom,
    case when is_credited then credit_net end::decimal(18, 4) as credit_amount,
    window_of(known_at) as _window
from returns
