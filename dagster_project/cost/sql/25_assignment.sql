-- What each order of the last period that is over was charged, activity by activity. Earlier periods follow
-- from their rates and quantities; they are not kept line by line, as a rate of a whole period would touch
-- millions of rows.

create or replace table cts_assignment as
with last_period as (
    select fiscal_period_id, start_date, end_date
    from group_period
    where fiscal_period_id in (select fiscal_period_id from cost_rate where minute_rate_group is not null)
    order by start_date desc
    limit 1
),
recent as (
    select p.fiscal_period_id, v.*
    from order_volume as v
    inner join last_period as p on v.cost_date >= p.start_date and v.cost_date < p.end_date
),
work as (
    select fiscal_period_id, order_id, cost_date, entity_id, upper(replace(name, '_qty', '')) as driver, qty
    from (unpivot recent on columns('.*_qty') into name name value qty)
    where qty <> 0
)
select
    w.fiscal_period_id, w.order_id, w.cost_date, w.entity_id,
    coalesce(any_value(s.segment_key), '-1') as segment_key, r.activity_id, r.pool_id,
    any_value(r.cost_level) as cost_level,
    coalesce(sum(w.qty) filter (w.driver = r.activity_driver), 0)::decimal(18, 4) as driver_qty,
    sum((w.qty::double * r.standard_minutes::double)::decimal(28, 6))::decimal(18, 4) as used_minutes,
    any_value(r.minute_rate_group)::decimal(18, 8) as minute_rate_group,
    round(sum((w.qty::double * r.standard_minutes::double * r.minute_rate_group::double)::decimal(28, 10)), 4)
        ::decimal(18, 4) as cost_group
from work as w
inner join cost_rate as r on r.fiscal_period_id = w.fiscal_period_id and r.driver = w.driver
left join segment_of as s
    on s.entity_id = w.entity_id and w.cost_date >= s.valid_from and w.cost_date < s.valid_to
where r.minute_rate_group is not null
group by w.fiscal_period_id, w.order_id, w.cost_date, w.entity_id, r.activity_id, r.pool_id
order by all;
