select
    'RT' || lpad(piece_key::varchar, 12, '0') as return_id,
    order_code(order_no) as order_id,
    invoice_id,
    customer_code(cust) as customer_id,
    received_at,
    reason,
    disposition,
    window_of(known_at) as _window
from returns
