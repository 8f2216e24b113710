select
    shipment_code(shipment_no) as shipment_id,
    dc as from_site_id,
    site_code(site_no) as to_site_id,
    'CR' || lpad(carrier::varchar, 3, '0') as carrier_id,
    case when load_no is not null then load_code(load_no) end as load_id,
    'W' || strftime(left_day, '%Y%m%d') || '-' || (1 + slot % 4) as wave_id,
    greatest(ordered_at + interval 30 minute, departed_at - to_days(waited_days) - interval 9 hour) as created_at,
    greatest(ordered_at + interval 31 minute, departed_at - to_days(waited_days) - interval 6 hour) as released_at,
    departed_at - interval 5 hour as pick_started_at,
    departed_at - to_seconds(18000 - least(9000, 240 * line_count)) as pick_ended_at,
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
