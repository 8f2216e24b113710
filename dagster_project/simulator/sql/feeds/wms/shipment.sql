select
    shipment_code(shipment_no) as shipment_id,
    dc as from_site_id,
    site_code(site_no) as to_site_id,
    'CR' || lpad(carrier::varchar, 3, '0') as carrier_id,
    case when load_no is not null then load_code(load_no) end as load_id,
    'W' || strftime(left_day, '%Y%m%d') || '-' || (1 + slot % 4) as wave_id,
    greatest(ordered_at + interval 30 minute, departed_at - to_days(waited_days) - to_hours(9 + slow_hours)) as created_at,
    greatest(ordered_at + interval 31 minute, departed_at - to_days(waited_days) - to_hours(6 + slow_hours)) as released_at,
    departed_at - to_days(packed_days) - to_hours(5 + slow_hours) as pick_started_at,
    departed_at - to_days(packed_days) - to_hours(slow_hours) - to_seconds(18000 - least(9000, 240 * line_count)) as pick_ended_at,
    departed_at - interval 90 minute as packed_at,
    departed_at - interval 60 minute as staged_at,
    departed_at - interval 20 minute as loaded_at,
    departed_at,
    'SHIPPED' as status,
    weight_kg::decimal(18, 6) as weight_kg,
    volume_m3::decimal(18, 6) as volume_m3,
    ceil(volume_m3 / 1.2)::decimal(18, 6) as pallet_count,
    case when u('vas', shipment_no) < 0.05 then 'LABEL' end as vas_code,
    window_of(known_at) as _window
from shipments
-- Work that was late in the warehouse had been released on its day.
cross join lateral (
    select case when cause = 'WAREHOUSE_DELAY' then delay_days else 0 end::int as waited_days
)
-- The packing line for the best tier is slow at the first site: many shipments wait a shift for it,
-- and what is late there is late for packing. Elsewhere late goods wait to be picked.
cross join lateral (
    select tier = 'S1' and dc = (select min(dc) from dc) as is_slow_line
)
cross join lateral (
    select
        case when u('waits for packing', shipment_no) < case when is_slow_line then 0.9 else 0.1 end
            then waited_days else 0 end::int as packed_days,
        case when is_slow_line and u('slow packing line', shipment_no) < 0.3 then 8 else 0 end::int as slow_hours
)
