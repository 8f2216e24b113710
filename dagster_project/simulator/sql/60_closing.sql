-- Once per history: costs and balances of each period, stock at the end of each month.

create or replace table pool as
select * from (values
    ('ORDER_DESK', 'Order desk', '7100', 'CC100', 'ORDER', 4000, 3.10),
    ('WAREHOUSE', 'Picking and packing', '7110', 'CC200', 'BATCH', 6000, 2.40),
    ('SHIPPING', 'Shipping office', '7120', 'CC300', 'BATCH', 3500, 1.20),
    ('KEY_ACCOUNTS', 'Key account management', '7130', 'CC400', 'CUSTOMER', 12000, 0.00),
    ('RETURNS', 'Returns desk', '7140', 'CC500', 'ORDER', 2500, 0.30),
    ('SITE', 'Buildings and heating', '7150', 'CC600', 'FACILITY', 15000, 0.00)
) as t(pool_id, name, account, cost_centre, cost_level, fixed, per_line);

-- Costs known at the cut and after each day of the tail.
create or replace table snapshot_no as
select unnest(range(getvariable('base_windows') - 1, getvariable('base_windows') + getvariable('tail_days')))::bigint as known_in;

create or replace table pool_cost as
select
    p.pool_id, m.period, s.known_in,
    round(p.fixed + p.per_line * coalesce(sum(v.lines), 0), 2)::decimal(18, 2) as amount
from pool as p
cross join month as m
cross join snapshot_no as s
left join order_volume as v on v.period = m.period and v.known_in <= s.known_in
group by p.pool_id, m.period, s.known_in, p.fixed, p.per_line, p.cost_centre
order by p.pool_id, m.period, s.known_in;

create or replace table stock as
with days as (
    select (next_day - 1)::date as day from month
    union
    select (getvariable('cut')::date + i::int)::date
    from range(getvariable('tail_days')) as t(i)
)
select
    d.day, dc.dc_no, dc.dc, dc.company_code, p.product, s.status,
    case s.status
        when 'AVAILABLE' then floor(40 + 400 * u('stock', p.product * 16 + dc.dc_no) * (0.6 + 0.8 * u('level', (p.product * 16 + dc.dc_no) * 4096 + date_diff('day', date '2023-01-01', d.day))))
        else 1 + pick('blocked', p.product * 4096 + date_diff('day', date '2023-01-01', d.day), 20)
    end::bigint as qty,
    c.unit_cost
from days as d
cross join dc
cross join product as p
cross join (select unnest(['AVAILABLE', 'BLOCKED']) as status) as s
inner join standard_cost as c
    on c.product = p.product and c.company_code = dc.company_code and c.year = year(d.day)
where s.status = 'AVAILABLE' or (p.product + dc.dc_no) % 17 = 0;

-- The ledger keeps the stock of each site under a cost centre of its own.
insert into ledger_item
select company_code, period_of(day), '1300', dc, greatest(window_of(day + interval 22 hour), getvariable('base_windows') - 1),
    sum(qty * unit_cost::decimal(28, 4))
from stock
where day = last_day(day)
group by all;

insert into ledger_item
select
    '1000', c.period, p.account, p.cost_centre, c.known_in,
    c.amount - coalesce(lag(c.amount) over (partition by c.pool_id, c.period order by c.known_in), 0)
from pool_cost as c
inner join pool as p on p.pool_id = c.pool_id;

-- The ledger as it stood at the cut and after each day of the tail.
create or replace table balance as
select
    l.company_code, l.period, l.account, l.cost_centre, s.known_in, sum(l.amount)::decimal(18, 4) as amount
from ledger_item as l
inner join snapshot_no as s on l.known_in <= s.known_in
group by all
order by all;

-- People are planned by the work that is expected; of their time 82 % can practically be worked.
create or replace table capacity as
with known as (
    select a.pool_id, w.period, sum(t.standard_minutes * w.qty) as minutes
    from work_done as w
    inner join activity as a on true
    inner join time_standard as t
        on t.activity_id = a.activity_id
        and w.driver = case t.term when 'BASE' then a.driver else t.term end
    group by all
)
select
    p.pool_id, m.period,
    greatest(0.1, ceil(coalesce(k.minutes, 0) * 1.4 / 7872 * 10) / 10)::decimal(18, 6) as headcount
from pool as p
cross join month as m
left join known as k on k.pool_id = p.pool_id and k.period = m.period
where p.cost_level <> 'FACILITY'
order by p.pool_id, m.period;
