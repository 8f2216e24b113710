-- What the bridge compares: goods and serving of each entity by segment and quarter, at rates of exchange
-- of its own quarter and of the one before.

create or replace temp table quarter as
select quarter_index, any_value(fiscal_quarter) as fiscal_quarter
from group_period
where is_quarter_over
group by quarter_index
-- A quarter of which only the end is there is no base to compare with.
having count(*) = max((select max(n) from (select count(*) as n from group_period group by quarter_index)));

create or replace temp table average_rate as
select
    quarter_index, currency,
    sum(net_amount_group)::double / nullif(sum(net_amount)::double, 0) as rate
from sold
group by all;

create or replace temp table average_local_rate as
select
    quarter_index, local_currency,
    sum(cogs_amount_group)::double / nullif(sum(cogs_amount_local)::double, 0) as rate
from sold
group by all;

create or replace temp table goods as
with summed as (
    select
        s.quarter_index, s.segment_key, s.entity_id, coalesce(s.product_id, '-2') as product_id,
        s.currency, s.local_currency, count(*) as lines,
        sum(case when s.is_freight_recovered then 0 else coalesce(s.invoiced_base_qty, 0) end)::double as qty,
        sum(s.net_amount_group - s.rebate_amount_group)::double as revenue,
        sum(s.net_amount - s.rebate_amount)::double as revenue_document,
        sum(coalesce(s.cogs_amount_group, 0))::double as goods_cost,
        sum(coalesce(s.cogs_amount_local, 0))::double as goods_cost_local
    from sold as s
    inner join quarter as q using (quarter_index)
    group by all
)
select
    t.quarter_index, t.segment_key, t.entity_id, t.product_id, sum(t.lines) as lines,
    sum(t.qty::decimal(28, 6)) as qty, sum(t.revenue::decimal(28, 6)) as revenue,
    sum(t.goods_cost::decimal(28, 6)) as goods_cost,
    -- Without a rate of the quarter before, the currency has no effect.
    sum(coalesce(case when r.rate > 0 and n.rate > 0
        then t.revenue + t.revenue_document * (r.rate - n.rate) end, t.revenue)::decimal(28, 6)) as revenue_constant,
    sum(coalesce(case when k.rate > 0 and l.rate > 0
        then t.goods_cost + t.goods_cost_local * (k.rate - l.rate) end, t.goods_cost)::decimal(28, 6))
        as goods_cost_constant
from summed as t
left join average_rate as n on n.quarter_index = t.quarter_index and n.currency = t.currency
left join average_rate as r on r.quarter_index = t.quarter_index - 1 and r.currency = t.currency
left join average_local_rate as l on l.quarter_index = t.quarter_index and l.local_currency = t.local_currency
left join average_local_rate as k on k.quarter_index = t.quarter_index - 1 and k.local_currency = t.local_currency
group by all;

create or replace temp table serving as
select
    t.quarter_index, t.segment_key, t.entity_id, t.pool_id as kind, sum(t.usage) as usage,
    sum(t.cost)::decimal(28, 6) as cost
from served as t
inner join quarter as q using (quarter_index)
group by all;
