select
    'EV' || lpad(event_no::varchar, 12, '0') as event_id,
    shipment_code(shipment_no) as shipment_id,
    case when load_no is not null then load_code(load_no) end as load_id,
    code,
    event_at,
    case when code = 'PICKUP' then dc.tz_name else e.tz_name end as tz_name,
    case when code = 'PICKUP' then e.dc when code in ('CUSTOMS', 'EXCEPTION') then null else site_code(site_no) end as site_id,
    case when code = 'POD' and line_count = 1 then units end::decimal(18, 4) as received_qty,
    case when code = 'POD' then left(md5('signature ' || shipment_no), 16) end as signed_by_hash,
    window_of(known_at) as _window
from events as e
inner join dc on dc.dc = e.dc
