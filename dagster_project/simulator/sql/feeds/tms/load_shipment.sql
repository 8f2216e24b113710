select
    load_code(load_no) as load_id,
    shipment_code(shipment_no) as shipment_id,
    (1 + pick('stop', site_no, 12))::bigint as stop_no,
    window_of(known_at) as _window
from shipments
where load_no is not null
