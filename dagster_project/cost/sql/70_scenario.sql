-- What another design of the service would have cost in the last twelve periods: so many times the work of
-- a driver. Rates stay, as capacity does not go away by itself: the difference becomes idle.

create or replace table cts_scenario as
with recent as (
    select fiscal_period_id from group_period order by start_date desc limit 12
),
base as (
    select a.segment_key, a.driver, sum(a.cost) as cost, sum(a.minutes) as minutes
    from entity_activity as a
    inner join recent using (fiscal_period_id)
    group by all
    union all
    select s.segment_key, 'FREIGHT', sum(s.cost), 0
    from served as s
    inner join recent using (fiscal_period_id)
    where s.kind = 'FREIGHT'
    group by all
)
select
    o.scenario_id, any_value(o.description) as description, b.segment_key,
    round(sum(b.cost), 4)::decimal(18, 4) as base_cost_group,
    round(coalesce(sum(b.cost * (f.factor - 1)) filter (b.driver <> 'FREIGHT'), 0), 4)::decimal(18, 4)
        as activity_cost_change_group,
    round(coalesce(sum(b.cost * (f.factor - 1)) filter (b.driver = 'FREIGHT'), 0), 4)::decimal(18, 4)
        as freight_change_group,
    round(coalesce(sum(b.minutes * (f.factor - 1)), 0), 4)::decimal(18, 4) as minutes_change
from (select scenario_id, any_value(description) as description from scenario group by all) as o
cross join base as b
left join scenario as f
    on f.scenario_id = o.scenario_id and f.driver = b.driver
    and (f.segment_code = '*' or $scheme || ':' || f.segment_code = b.segment_key)
group by o.scenario_id, b.segment_key
order by all;
