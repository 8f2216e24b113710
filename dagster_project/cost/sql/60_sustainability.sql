-- Does the service of a tier pay for itself, quarter by quarter, and more than that of the tier below?
-- Both are told per customer, since a tier with more customers would look better for that alone.

create or replace table tier_sustainability as
with tier as (
    select segment_code, scheme_id || ':' || segment_code as segment_key, tier_rank
    from segment
    where scheme_id = $scheme and kind = 'TIER'
),
customers as (
    select quarter_index, segment_key, count(distinct entity_id) as n from cell group by all
),
profit as (
    select
        q.quarter_index, q.fiscal_quarter, l.segment_key, sum(l.net_revenue_group) as revenue,
        sum(l.gross_profit_group) as gross_profit, sum(l.cost_to_serve_group) as cost_to_serve,
        sum(l.net_to_serve_group) as net_to_serve
    from segment_pnl as l
    inner join quarter as q using (fiscal_quarter)
    group by all
),
each_one as (
    select
        p.*, t.tier_rank, c.n as customers,
        p.gross_profit::double / c.n as gross_each, p.cost_to_serve::double / c.n as cost_each
    from profit as p
    inner join tier as t using (segment_key)
    inner join customers as c using (quarter_index, segment_key)
),
compared as (
    select
        e.*, below.segment_key as next_lower_key,
        e.gross_each - below.gross_each as gross_more, e.cost_each - below.cost_each as cost_more
    from each_one as e
    left join each_one as below on below.quarter_index = e.quarter_index
        and below.tier_rank = e.tier_rank + 1
),
judged as (
    select
        *, coalesce(net_to_serve < 0 or gross_more < cost_more, false) as is_loss,
        lag(coalesce(net_to_serve < 0 or gross_more < cost_more, false)) over tiers as was_loss,
        lag(quarter_index) over tiers as earlier
    from compared
    window tiers as (partition by segment_key order by quarter_index)
),
monthly as (
    select
        p.quarter_index, p.start_date, l.segment_key,
        sum(l.cost_to_serve_group)::double / nullif(sum(l.net_revenue_group)::double, 0) as ratio
    from segment_pnl as l
    inner join company as c using (company_code)
    inner join period as p on p.calendar_id = c.calendar_id and p.fiscal_period_id = l.fiscal_period_id
    group by all
),
moving as (
    select *, abs(ratio - lag(ratio) over (partition by segment_key order by start_date)) as moving_range
    from monthly
    where ratio is not null
),
-- Natural limits (Wheeler: mean and 2.66 mean moving ranges) of the periods before the quarter.
limits as (
    select
        j.quarter_index, j.segment_key,
        avg(m.ratio::decimal(18, 9))::double as center, 2.66 * avg(m.moving_range::decimal(18, 9))::double as reach
    from judged as j
    inner join moving as m on m.segment_key = j.segment_key and m.quarter_index < j.quarter_index
    group by all
    having count(*) >= 6
),
unusual as (
    select l.quarter_index, l.segment_key, any_value(l.center) as center, any_value(l.reach) as reach,
        bool_or(abs(m.ratio - l.center) > l.reach) as is_unusual
    from limits as l
    inner join moving as m on m.segment_key = l.segment_key and m.quarter_index = l.quarter_index
    group by all
),
levers as (
    -- The activity that takes most of the tier's cost says where to start.
    select
        p.quarter_index, c.segment_key, max_by(c.activity_name, (c.cost, c.activity_name)) as activity_name,
        max_by(c.driver, (c.cost, c.activity_name)) as driver
    from (
        select fiscal_period_id, segment_key, activity_name, driver, sum(cost_group) as cost
        from cts_segment group by all
    ) as c
    inner join group_period as p using (fiscal_period_id)
    group by all
)
select
    j.fiscal_quarter, j.segment_key, j.customers as entities_count,
    j.revenue::decimal(18, 4) as net_revenue_group,
    j.cost_to_serve::decimal(18, 4) as cost_to_serve_group,
    j.net_to_serve::decimal(18, 4) as net_to_serve_group,
    round(j.net_to_serve::double / nullif(j.revenue::double, 0), 9) as net_to_serve_margin,
    round(j.cost_to_serve::double / nullif(j.revenue::double, 0), 9) as cost_to_serve_ratio,
    round(u.center - u.reach, 9) as cost_to_serve_ratio_lower,
    round(u.center + u.reach, 9) as cost_to_serve_ratio_upper,
    u.is_unusual as is_cost_to_serve_ratio_unusual,
    j.next_lower_key as next_lower_segment_key,
    round(j.gross_more, 4)::decimal(18, 4) as incremental_gross_profit_group,
    round(j.cost_more, 4)::decimal(18, 4) as incremental_cost_to_serve_group,
    j.is_loss as is_loss_in_quarter,
    case
        when j.earlier is null or j.earlier <> j.quarter_index - 1 then 'NOT_YET'
        when j.is_loss and j.was_loss then 'UNSUSTAINABLE'
        when j.is_loss or j.was_loss then 'WATCH'
        else 'SUSTAINABLE'
    end as verdict,
    v.activity_name as costliest_activity,
    case
        when v.driver like '%MANUAL%' or v.driver in ('ORDER', 'ORDER_CHANGE', 'INVOICE') then 'CHANNEL'
        when v.driver in ('SHIPMENT') then 'DROP_FREQUENCY'
        when v.driver in ('ORDER_LINE', 'SHIPMENT_LINE', 'HAZMAT_LINE') then 'ORDER_SIZE'
        when v.driver is not null then 'FEE'
    end as lever
from judged as j
left join unusual as u on u.quarter_index = j.quarter_index and u.segment_key = j.segment_key
left join levers as v on v.quarter_index = j.quarter_index and v.segment_key = j.segment_key
order by all;
