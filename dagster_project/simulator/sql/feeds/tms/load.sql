select
    load_code(l.load_no) as load_id,
    case when l.place = 10 then 'AIR' when l.carrier = 6 then 'OWN' when l.weight_kg > 3000 then 'FTL' else 'LTL' end as mode,
    'CR' || lpad(l.carrier::varchar, 3, '0') as carrier_id,
    'STD' as service_code,
    l.departed_at - interval 20 hour as tendered_at,
    true as is_tender_accepted,
    date_trunc('hour', l.departed_at) as planned_pickup_at,
    l.departed_at as actual_pickup_at,
    round(60 + 300 * p.transit_days * (0.8 + 0.4 * u('distance', l.load_no)), 1)::decimal(18, 6) as distance_km,
    l.weight_kg::decimal(18, 6) as weight_kg,
    l.volume_m3::decimal(18, 6) as volume_m3,
    window_of(l.departed_at) as _window
from load_total as l
inner join place as p on p.place = l.place
