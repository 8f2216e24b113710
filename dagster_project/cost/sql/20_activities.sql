-- Minutes and cost of each activity by period, segment and entity. An entity that has no segment on a
-- day has the segment -1, as in the facts.

create or replace temp table group_day as
select unnest(range(start_date, end_date, interval 1 day))::date as cost_date, fiscal_period_id, quarter_index
from group_period;

create or replace temp table entity_volume as
with daily as (
    select cost_date, entity_id, sum(columns('.*_qty')) from volume group by all
)
select
    d.fiscal_period_id, d.quarter_index, v.entity_id, coalesce(s.segment_key, '-1') as segment_key,
    sum(columns('.*_qty'))
from daily as v
inner join group_day as d using (cost_date)
left join segment_of as s
    on s.entity_id = v.entity_id and v.cost_date >= s.valid_from and v.cost_date < s.valid_to
group by all;

create or replace temp table driver_volume as
select
    fiscal_period_id, quarter_index, entity_id, segment_key, upper(replace(name, '_qty', '')) as driver, qty
from (unpivot entity_volume on columns('.*_qty') into name name value qty)
where qty <> 0;

create or replace temp table entity_activity as
select
    v.fiscal_period_id, v.quarter_index, v.entity_id, v.segment_key, r.pool_id, r.activity_id, v.driver,
    v.qty, (v.qty::double * r.standard_minutes::double)::decimal(28, 6) as minutes,
    (v.qty::double * r.standard_minutes::double * r.minute_rate_group::double)::decimal(28, 10) as cost
from driver_volume as v
inner join cost_rate as r
    on r.fiscal_period_id = v.fiscal_period_id and r.driver = v.driver
where r.minute_rate_group is not null;

create or replace temp table counted as
select
    fiscal_period_id, segment_key,
    coalesce(sum(qty) filter (driver = 'ORDER'), 0)::bigint as orders_count,
    coalesce(sum(qty) filter (driver = 'ORDER_LINE'), 0)::bigint as order_lines_count,
    coalesce(sum(qty) filter (driver = 'SHIPMENT'), 0)::bigint as shipments_count
from driver_volume
group by all;

create or replace table cts_segment as
with charged as (
    select
        fiscal_period_id, segment_key, pool_id, activity_id, sum(minutes) as minutes, sum(cost) as cost
    from entity_activity
    group by all
),
activities as (
    select
        fiscal_period_id, pool_id, activity_id, any_value(activity_name) as activity_name,
        any_value(activity_driver) as activity_driver, any_value(cost_level) as cost_level,
        any_value(minute_rate_group) as minute_rate_group
    from cost_rate
    where activity_id is not null
    group by all
),
quantities as (
    select fiscal_period_id, segment_key, driver, sum(qty) as qty from driver_volume group by all
)
select
    c.fiscal_period_id, c.segment_key, c.activity_id, a.activity_name, c.pool_id, a.cost_level,
    a.activity_driver as driver,
    coalesce(q.qty, 0)::decimal(18, 4) as driver_qty,
    c.minutes::decimal(18, 4) as used_minutes,
    a.minute_rate_group::decimal(18, 8) as minute_rate_group,
    round(c.cost, 4)::decimal(18, 4) as cost_group,
    round(c.cost::double / nullif(sum(c.cost) over (partition by c.fiscal_period_id, c.segment_key)::double, 0), 9)
        as cost_share,
    round(c.cost::double / nullif(n.orders_count, 0), 4)::decimal(18, 4) as cost_per_order_group,
    round(c.cost::double / nullif(n.order_lines_count, 0), 4)::decimal(18, 4) as cost_per_order_line_group,
    round(c.cost::double / nullif(n.shipments_count, 0), 4)::decimal(18, 4) as cost_per_shipment_group,
    coalesce(n.orders_count, 0)::bigint as orders_count,
    coalesce(n.order_lines_count, 0)::bigint as order_lines_count,
    coalesce(n.shipments_count, 0)::bigint as shipments_count
from charged as c
inner join activities as a using (fiscal_period_id, pool_id, activity_id)
left join quantities as q
    on q.fiscal_period_id = c.fiscal_period_id and q.segment_key = c.segment_key
    and q.driver = a.activity_driver
left join counted as n on n.fiscal_period_id = c.fiscal_period_id and n.segment_key = c.segment_key
order by all;

create or replace table capacity_usage as
with pools as (
    select distinct
        fiscal_period_id, pool_id, cost_level, cost_centre, currency, amount, amount_group,
        theoretical_minutes, practical_minutes, null_reason, minute_rate_group
    from cost_rate
),
used as (
    select fiscal_period_id, pool_id, sum(minutes) as minutes from entity_activity group by all
),
charged as (
    select fiscal_period_id, pool_id, sum(cost_group) as cost from cts_segment group by all
)
select
    p.fiscal_period_id, p.pool_id, p.cost_level, p.cost_centre, p.currency,
    p.amount::decimal(18, 4) as pool_amount, p.amount_group::decimal(18, 4) as pool_amount_group,
    p.theoretical_minutes::decimal(18, 4) as theoretical_minutes,
    p.practical_minutes::decimal(18, 4) as practical_minutes,
    round(p.practical_minutes::double / nullif(p.theoretical_minutes::double, 0), 9) as practical_share,
    coalesce(u.minutes, 0)::decimal(18, 4) as used_minutes,
    case when p.practical_minutes is not null
        then (p.practical_minutes - coalesce(u.minutes, 0))::decimal(18, 4) end as unused_minutes,
    p.minute_rate_group::decimal(18, 8) as minute_rate_group,
    coalesce(c.cost, 0)::decimal(18, 4) as assigned_cost_group,
    case when p.cost_level <> 'FACILITY'
        then (p.amount_group - coalesce(c.cost, 0))::decimal(18, 4) else 0::decimal(18, 4) end as unused_cost_group,
    case when p.cost_level = 'FACILITY' then p.amount_group::decimal(18, 4) else 0::decimal(18, 4) end
        as sustaining_cost_group,
    -- The same from the other side: minutes that nobody used, at what a minute costs.
    case
        when p.minute_rate_group is not null
            then round((p.practical_minutes::double - coalesce(u.minutes, 0)::double) * p.minute_rate_group::double, 4)
        when p.cost_level = 'FACILITY' then 0
        else p.amount_group
    end::decimal(18, 4) as unused_by_minutes_group,
    p.amount < 0 as is_negative,
    coalesce(u.minutes > p.practical_minutes, false) as is_over_capacity,
    coalesce(
        not (round(p.practical_minutes::double / nullif(p.theoretical_minutes::double, 0), 6) between $low and $high),
        false
    ) as is_practical_unusual,
    p.null_reason
from pools as p
left join used as u on u.fiscal_period_id = p.fiscal_period_id and u.pool_id = p.pool_id
left join charged as c on c.fiscal_period_id = p.fiscal_period_id and c.pool_id = p.pool_id
order by all;
