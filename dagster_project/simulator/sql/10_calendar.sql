-- Time and place: months of the history, countries served, working days of each country,
-- exchange rates of every day.

create or replace table place as
select *
from (values
    (1, 'DE', 'DACH', 'Berlin', 'Europe/Berlin', 'DE', 'EUR', '1000', 'DC10', 1, 52.52, 13.405, 0.30, 6, 0.19),
    (2, 'FR', 'WEST', 'Lyon', 'Europe/Paris', 'FR', 'EUR', '1000', 'DC10', 2, 45.7597, 4.8422, 0.44, 6, 0.20),
    (3, 'NL', 'WEST', 'Rotterdam', 'Europe/Amsterdam', 'EU', 'EUR', '1000', 'DC10', 1, 51.9225, 4.4792, 0.52, 6, 0.21),
    (4, 'PL', 'EAST', 'Warszawa', 'Europe/Warsaw', 'EU', 'EUR', '1000', 'DC10', 2, 52.2297, 21.0122, 0.59, 6, 0.23),
    (5, 'ES', 'SOUTH', 'Madrid', 'Europe/Madrid', 'EU', 'EUR', '1000', 'DC40', 2, 40.4168, -3.7038, 0.65, 6, 0.21),
    (6, 'IT', 'SOUTH', 'Milano', 'Europe/Rome', 'EU', 'EUR', '1000', 'DC40', 2, 45.4642, 9.19, 0.72, 6, 0.22),
    (7, 'GB', 'UKI', 'Manchester', 'Europe/London', 'GB', 'GBP', '2000', 'DC20', 1, 53.4808, -2.2426, 0.85, 6, 0.20),
    (8, 'IE', 'UKI', 'Dublin', 'Europe/Dublin', 'GB', 'EUR', '2000', 'DC20', 2, 53.3498, -6.2603, 0.89, 6, 0.23),
    (9, 'US', 'AMERICAS', 'New York', 'America/New_York', 'US', 'USD', '1000', 'DC30', 3, 40.7128, -74.006, 0.96, 12, 0.00),
    (10, 'JP', 'APAC', 'Tokyo', 'Asia/Tokyo', 'JP', 'USD', '1000', 'DC10', 5, 35.6762, 139.6503, 1.00, 1, 0.10)
) as t(
    place, country, region, city, tz_name, calendar_id, currency, company_code, wished_dc,
    transit_days, latitude, longitude, share_to, order_hour, tax_share
);

create or replace table dc as
select * from (values
    (1, 'DC10', '1000', 'DE', 'Leipzig', 'Europe/Berlin', 'DE', 51.3397, 12.3731, 2),
    (2, 'DC20', '2000', 'GB', 'Daventry', 'Europe/London', 'GB', 52.2570, -1.1600, 2),
    (3, 'DC30', '1000', 'US', 'Newark', 'America/New_York', 'US', 40.7357, -74.1724, 3),
    (4, 'DC40', '1000', 'ES', 'Zaragoza', 'Europe/Madrid', 'EU', 41.6488, -0.8891, 4)
) as t(dc_no, dc, company_code, country, city, tz_name, calendar_id, latitude, longitude, from_count)
where from_count <= getvariable('dc_count');

create or replace table place as
select place.*, coalesce(dc.dc, 'DC10') as dc
from place
left join dc on dc.dc = place.wished_dc;

create or replace table month as
select
    (row_number() over (order by first_day) - 1)::bigint as month_no,
    first_day::date as first_day,
    (first_day + interval 1 month)::date as next_day,
    period_of(first_day) as period,
    date_diff('day', first_day, first_day + interval 1 month) as days,
    -- A summer dip and a peak before the end of the year.
    [0.92, 0.94, 1.06, 1.00, 1.02, 1.04, 0.92, 0.84, 1.06, 1.10, 1.14, 0.96][month(first_day)] as season
from range(getvariable('start_at'), getvariable('end_at'), interval 1 month) as t(first_day);

create or replace table calendar_day as
with days as (
    select unnest(range(getvariable('start_at'), timestamp '2026-07-01', interval 1 day))::date as day
),
holidays as (
    select * from (values
        ('DE', '10-03'), ('DE', '05-01'), ('DE', '12-26'), ('FR', '07-14'), ('FR', '05-01'),
        ('FR', '05-08'), ('EU', '05-01'), ('EU', '12-26'), ('GB', '12-26'), ('US', '07-04'),
        ('US', '11-11'), ('JP', '01-02'), ('JP', '01-03'), ('JP', '05-03'), ('JP', '05-04'),
        ('JP', '05-05'), ('DE', '12-25'), ('FR', '12-25'), ('EU', '12-25'), ('GB', '12-25'),
        ('US', '12-25')
    ) as t(calendar_id, month_day)
),
easter as (
    select unnest([
        date '2023-04-07', date '2023-04-10', date '2024-03-29', date '2024-04-01',
        date '2025-04-18', date '2025-04-21', date '2026-04-03', date '2026-04-06'
    ]) as day
)
select
    c.calendar_id,
    d.day,
    isodow(d.day) <= 5
        and strftime(d.day, '%m-%d') <> '01-01'
        and h.month_day is null
        and (e.day is null or c.calendar_id in ('US', 'JP')) as is_working
from (select distinct calendar_id from place) as c
cross join days as d
left join holidays as h
    on h.calendar_id = c.calendar_id and h.month_day = strftime(d.day, '%m-%d')
left join easter as e on e.day = d.day;

-- Number of the working day on which goods ordered on `day` are first handled.
create or replace table first_working as
select
    p.place,
    c.day,
    sum(c.is_working::int) over (partition by p.place order by c.day)::bigint
        + (not c.is_working)::bigint as working_no
from place as p
inner join calendar_day as c on c.calendar_id = p.calendar_id;

create or replace table working_day as
select
    f.place,
    f.working_no,
    f.day,
    timezone('UTC', timezone(p.tz_name, f.day + interval 8 hour)) as open_at,
    timezone('UTC', timezone(p.tz_name, f.day + interval 17 hour)) as close_at
from first_working as f
inner join place as p on p.place = f.place
inner join calendar_day as c on c.calendar_id = p.calendar_id and c.day = f.day
where c.is_working;

create or replace table rate as
with value as (
    select * from (values ('EUR', 1.0, 0.0), ('USD', 0.92, 1.1), ('GBP', 1.17, 2.3))
        as t(currency, eur, phase)
),
daily as (
    select
        v.currency,
        d.day,
        case
            when v.currency = 'EUR' then 1.0
            else v.eur * (
                1 + 0.04 * sin(date_diff('day', date '2023-01-01', d.day) / 63.0 + v.phase)
                + 0.004 * (u('rate ' || v.currency, date_diff('day', date '2023-01-01', d.day)) - 0.5)
            )
        end as eur
    from value as v
    cross join (
        select unnest(range(getvariable('start_at'), getvariable('end_at'), interval 1 day))::date as day
    ) as d
)
select
    f.currency as from_currency,
    t.currency as to_currency,
    f.day,
    round(f.eur / t.eur, 8)::decimal(18, 8) as rate
from daily as f
inner join daily as t on t.day = f.day;
