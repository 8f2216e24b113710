with docks as (
    select c.cust * 10 + 1 as site_no, n.address_no, c.cust, c.kind, c.country, c.city, c.tz_name, c.calendar_id, c.place, n.base_name
    from customer as c
    inner join customer_name as n on n.cust = c.cust
    where (c.is_buyer or c.kind in ('SHIP_TO', 'OLD_NUMBER')) and c.dock_of = c.cust
    union all
    select c.cust * 10 + 2, c.cust * 10 + 2, c.cust, c.kind, c.country, c.city, c.tz_name, c.calendar_id, c.place, n.base_name || ' II'
    from customer as c
    inner join customer_name as n on n.cust = c.cust
    where c.has_second_site
)
select
    site_code(d.site_no) as site_id,
    customer_code(d.cust) as customer_id,
    'CUSTOMER' as site_type,
    d.base_name as name,
    street_of(d.address_no) as street,
    d.city,
    postcode_of(d.address_no) as postcode,
    null as region,
    d.country,
    round(p.latitude + 1.2 * (u('latitude', d.site_no) - 0.5), 6)::decimal(18, 6) as latitude,
    round(p.longitude + 1.2 * (u('longitude', d.site_no) - 0.5), 6)::decimal(18, 6) as longitude,
    case when u('precise', d.site_no) < 0.7 then 'ROOFTOP' else 'POSTCODE' end as geo_precision,
    d.tz_name,
    d.calendar_id as receiving_calendar_id,
    '08:00' as receiving_open,
    '17:00' as receiving_close,
    (1 + pick('docks', d.site_no, 6))::bigint as dock_count,
    null as gln,
    date '2020-01-01' as valid_from,
    null::date as valid_to
from docks as d
inner join place as p on p.place = d.place
union all
select
    dc, null, 'DC', 'Distribution centre ' || city, null, city, null, null, country,
    latitude::decimal(18, 6), longitude::decimal(18, 6), 'ROOFTOP', tz_name, calendar_id, '06:00', '22:00', 20::bigint, null,
    date '2018-01-01', null
from dc
union all
select
    'PLANT01', null, 'PLANT', 'Werk Zwickau', null, 'Zwickau', '08056', null, 'DE', 50.7189, 12.4961, 'ROOFTOP',
    'Europe/Berlin', 'DE', '06:00', '22:00', 6::bigint, null, date '2015-01-01', null
