-- Why the profit of a segment moved from one quarter to the next. Input: quarter, goods, serving.
--
-- Customers in both quarters are compared with themselves: their quarter before is put where they are
-- now, in shares of their lines, and the profit that moves with them is migration. It is the profit of
-- the quarter before, so what one segment loses others gain.

create or replace temp table pair as
select now.quarter_index, now.fiscal_quarter, before.fiscal_quarter as prior_fiscal_quarter
from quarter as now
inner join quarter as before on before.quarter_index = now.quarter_index - 1;

create or replace temp table cell as
with parts as (
    select
        quarter_index, entity_id, segment_key, sum(lines) as lines,
        sum(revenue - goods_cost)::decimal(28, 6) as profit
    from goods
    group by all
    union all
    select quarter_index, entity_id, segment_key, 0, -sum(cost)::decimal(28, 6) from serving group by all
),
summed as (
    select quarter_index, entity_id, segment_key, sum(lines) as lines, sum(profit) as profit
    from parts
    group by all
)
select
    *,
    case when sum(lines) over entity > 0 then lines::double / (sum(lines) over entity)::double
        else 1.0 / count(*) over entity end as share,
    sum(profit) over entity as entity_profit
from summed
window entity as (partition by quarter_index, entity_id);

create or replace temp table present as select distinct quarter_index, entity_id from cell;

create or replace temp table stays as
select p.quarter_index, now.entity_id
from pair as p
inner join present as now on now.quarter_index = p.quarter_index
inner join present as before on before.quarter_index = p.quarter_index - 1 and before.entity_id = now.entity_id;

-- Where the customers of both quarters are now, with what they earned before.
create or replace temp table moved as
with keys as (
    select t.quarter_index, t.entity_id, c.segment_key
    from stays as t
    inner join cell as c on c.entity_id = t.entity_id and c.quarter_index in (t.quarter_index, t.quarter_index - 1)
    group by all
),
before as (select distinct quarter_index, entity_id, entity_profit from cell)
select
    k.quarter_index, k.entity_id, k.segment_key,
    coalesce(now.share, 0) as share, coalesce(old.share, 0) as old_share,
    (coalesce(now.share, 0) * b.entity_profit::double)::decimal(28, 6) - coalesce(old.profit, 0) as amount
from keys as k
inner join before as b on b.quarter_index = k.quarter_index - 1 and b.entity_id = k.entity_id
left join cell as now
    on now.quarter_index = k.quarter_index and now.entity_id = k.entity_id and now.segment_key = k.segment_key
left join cell as old
    on old.quarter_index = k.quarter_index - 1 and old.entity_id = k.entity_id and old.segment_key = k.segment_key;

create or replace temp table compared_goods as
with before as (
    -- The quarter before, put where the customer is now.
    select
        m.quarter_index, m.segment_key, m.entity_id, g.product_id,
        (m.share * sum(g.qty)::double)::decimal(28, 6) as qty,
        (m.share * sum(g.revenue)::double)::decimal(28, 6) as revenue,
        (m.share * sum(g.goods_cost)::double)::decimal(28, 6) as goods_cost
    from moved as m
    inner join goods as g on g.quarter_index = m.quarter_index - 1 and g.entity_id = m.entity_id
    where m.share > 0
    group by m.quarter_index, m.segment_key, m.entity_id, m.share, g.product_id
),
now as (
    select g.*
    from goods as g
    inner join stays as t using (quarter_index, entity_id)
)
select
    quarter_index, segment_key, entity_id, product_id,
    coalesce(n.qty, 0)::double as q1, coalesce(b.qty, 0)::double as q0,
    coalesce(n.revenue, 0)::double as r1, coalesce(n.revenue_constant, 0)::double as r1c,
    coalesce(b.revenue, 0)::double as r0, coalesce(n.goods_cost, 0)::double as c1,
    coalesce(n.goods_cost_constant, 0)::double as c1c, coalesce(b.goods_cost, 0)::double as c0
from now as n
full join before as b using (quarter_index, segment_key, entity_id, product_id)
inner join pair using (quarter_index);

create or replace temp table priced as
with product as (
    select
        quarter_index, segment_key, product_id, sum(q1::decimal(28, 6))::double as q1, sum(q0::decimal(28, 6))::double as q0,
        sum(r0::decimal(28, 6))::double as r0, sum(c0::decimal(28, 6))::double as c0
    from compared_goods
    group by all
),
judged as (
    select
        g.*,
        case
            when p.q0 <= 0 and p.q1 > 0 then 'NEW'
            when p.q1 <= 0 and p.q0 > 0 then 'LOST'
            else 'SAME'
        end as kind,
        case when g.q0 > 0 then g.r0 / g.q0 when p.q0 > 0 then p.r0 / p.q0 else 0 end as price,
        case when g.q0 > 0 then g.c0 / g.q0 when p.q0 > 0 then p.c0 / p.q0 else 0 end as unit_cost
    from compared_goods as g
    inner join product as p using (quarter_index, segment_key, product_id)
)
select
    *,
    sum((case when kind = 'SAME' then q1 end)::decimal(28, 6)) over segment as segment_q1,
    sum((case when kind = 'SAME' then q0 end)::decimal(28, 6)) over segment as segment_q0
from judged
window segment as (partition by quarter_index, segment_key);

create or replace temp table compared_serving as
with before as (
    select
        m.quarter_index, m.segment_key, s.kind,
        sum((m.share * s.usage::double)::decimal(28, 6)) as usage,
        sum((m.share * s.cost::double)::decimal(28, 6)) as cost
    from moved as m
    inner join serving as s on s.quarter_index = m.quarter_index - 1 and s.entity_id = m.entity_id
    where m.share > 0
    group by all
),
now as (
    select s.quarter_index, s.segment_key, s.kind, sum(s.usage) as usage, sum(s.cost) as cost
    from serving as s
    inner join stays as t using (quarter_index, entity_id)
    group by all
)
select
    quarter_index, segment_key, kind,
    coalesce(n.usage, 0)::double as u1, coalesce(b.usage, 0)::double as u0,
    coalesce(n.cost, 0)::double as k1, coalesce(b.cost, 0)::double as k0
from now as n
full join before as b using (quarter_index, segment_key, kind)
inner join pair using (quarter_index);

create or replace temp table effect as
select quarter_index, segment_key, 'PRIOR' as step_code, sum(profit) as amount
from (select quarter_index + 1 as quarter_index, segment_key, profit from cell) as before
group by all
union all
select quarter_index, segment_key, 'CURRENT', sum(profit) from cell group by all
union all
-- At actual quantity; amounts without a quantity, such as credits for a price, are price too.
select quarter_index, segment_key, 'PRICE', sum((r1c - r0 - (q1 - q0) * price)::decimal(28, 6))
from priced where kind = 'SAME' group by all
union all
select quarter_index, segment_key, 'QUANTITY',
    sum((case when segment_q0 > 0 then q0 * (price - unit_cost) * (segment_q1 / segment_q0 - 1) else 0 end)::decimal(28, 6))
from priced where kind = 'SAME' group by all
union all
select quarter_index, segment_key, 'MIX',
    sum(((q1 - q0) * (price - unit_cost)
        - case when segment_q0 > 0 then q0 * (price - unit_cost) * (segment_q1 / segment_q0 - 1) else 0 end)::decimal(28, 6))
from priced where kind = 'SAME' group by all
union all
select quarter_index, segment_key, 'UNIT_COST', sum((-(c1c - c0 - (q1 - q0) * unit_cost))::decimal(28, 6))
from priced where kind = 'SAME' group by all
union all
select quarter_index, segment_key, 'FX', sum((r1 - r1c - (c1 - c1c))::decimal(28, 6)) from priced group by all
union all
-- Goods that the segment did not buy before, or buys no more, are no mix.
select quarter_index, segment_key, kind, sum((r1c - r0 - (c1c - c0))::decimal(28, 6))
from priced where kind <> 'SAME' group by all
union all
select quarter_index, segment_key, 'CTS_RATE',
    sum((case when u0 > 0 and u1 > 0 then -(k1 - k0 / u0 * u1) else 0 end)::decimal(28, 6))
from compared_serving group by all
union all
select quarter_index, segment_key, 'CTS_INTENSITY',
    sum((case when u0 > 0 and u1 > 0 then -(k0 / u0 * u1 - k0) else -(k1 - k0) end)::decimal(28, 6))
from compared_serving group by all
union all
select c.quarter_index, c.segment_key, 'NEW', sum(c.profit)
from cell as c anti join stays as t on t.quarter_index = c.quarter_index and t.entity_id = c.entity_id
group by all
union all
select c.quarter_index + 1, c.segment_key, 'LOST', -sum(c.profit)
from cell as c anti join stays as t on t.quarter_index = c.quarter_index + 1 and t.entity_id = c.entity_id
group by all
union all
select quarter_index, segment_key, case when share > old_share then 'MIGRATION_IN' else 'MIGRATION_OUT' end, sum(amount)
from moved
where amount <> 0
group by all;

create or replace table segment_pnl_bridge as
with step as (
    select unnest([
        'PRIOR', 'PRICE', 'QUANTITY', 'MIX', 'UNIT_COST', 'CTS_RATE', 'CTS_INTENSITY', 'FX', 'NEW', 'LOST',
        'MIGRATION_IN', 'MIGRATION_OUT', 'CURRENT'
    ]) as step_code, unnest(range(1, 14))::bigint as step_no
),
segments as (
    select distinct e.quarter_index, e.segment_key from effect as e inner join pair using (quarter_index)
)
select
    p.fiscal_quarter, p.prior_fiscal_quarter, s.segment_key, t.step_no, t.step_code,
    round(coalesce(sum(e.amount), 0), 4)::decimal(18, 4) as amount_group
from segments as s
inner join pair as p using (quarter_index)
cross join step as t
left join effect as e
    on e.quarter_index = s.quarter_index and e.segment_key = s.segment_key and e.step_code = t.step_code
group by all
order by all;
