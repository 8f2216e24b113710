-- The profit and loss of a quarter beside the quarter before, the year before and the plan, and what customers,
-- their lines and the amount of a line did to it. Costs are positive, as in the profit and loss.

-- A plan of the whole company is shared out by net revenue of its family in the quarter before, which was
-- known when it was made. Where segments have plans of their own, it is only their total.
create or replace temp table planned_line as
with revenue as (
    select
        s.quarter_index, s.segment_key, p.product_family, sum(s.net_amount_group - s.rebate_amount_group) as revenue
    from sold as s
    left join product as p on p.product_id = s.product_id
    where s.segment_key not in ('-1', '-2')
    group by all
),
plan as (
    select
        g.quarter_index, b.fiscal_period_id, b.segment_code, b.product_family, b.amount_group, b.cogs_amount_group,
        b.segment_code is null and not bool_or(b.segment_code is not null) over (partition by b.fiscal_period_id)
            as is_shared
    from budget as b
    inner join group_period as g on g.fiscal_period_id = b.fiscal_period_id
),
matched as (
    select
        n.quarter_index, n.fiscal_period_id, n.product_family, n.amount_group, n.cogs_amount_group, r.segment_key,
        sum(r.revenue) as revenue
    from plan as n
    inner join revenue as r
        on r.quarter_index = n.quarter_index - 1
        and (n.product_family is null or r.product_family = n.product_family)
    where n.is_shared
    group by all
    having sum(r.revenue) > 0
),
-- Differences of rounded running shares, so that the parts are the plan to the last digit.
share as (
    select
        *, (sum(revenue) over parts)::double / (sum(revenue) over whole)::double as upto,
        (sum(revenue) over parts - revenue)::double / (sum(revenue) over whole)::double as before
    from matched
    window
        whole as (partition by fiscal_period_id, product_family),
        parts as (partition by fiscal_period_id, product_family order by segment_key)
)
select
    quarter_index, fiscal_period_id, segment_key, 'ALLOCATED' as budget_basis,
    (round(amount_group * upto, 4) - round(amount_group * before, 4))::decimal(18, 4) as amount,
    (round(cogs_amount_group * upto, 4) - round(cogs_amount_group * before, 4))::decimal(18, 4) as cogs
from share
union all
select
    n.quarter_index, n.fiscal_period_id, coalesce($scheme || ':' || n.segment_code, '-2'),
    case when n.segment_code is null then 'COMPANY' else 'SEGMENT' end,
    n.amount_group::decimal(18, 4), n.cogs_amount_group::decimal(18, 4)
from plan as n
where not exists (
    select 1 from matched as m
    where n.is_shared and m.fiscal_period_id = n.fiscal_period_id
        and m.product_family is not distinct from n.product_family
);

-- A sum that lacks a part would be taken for the plan.
create or replace temp table planned_quarter as
with known_periods as (select quarter_index, count(*) as periods from group_period group by quarter_index)
select
    p.quarter_index, p.segment_key, min(p.budget_basis) as budget_basis,
    case when count(p.amount) = count(*) then sum(p.amount) end as revenue,
    case when count(p.cogs) = count(*) then sum(p.cogs) end as cogs
from planned_line as p
inner join known_periods as k using (quarter_index)
group by p.quarter_index, p.segment_key, k.periods
having count(distinct p.fiscal_period_id) = k.periods;

create or replace temp table quarter_line as
with summed as (
    select
        q.quarter_index, l.segment_key, sum(l.invoice_lines_count)::bigint as invoice_lines,
        sum(l.gross_amount_group) as gross, sum(l.discount_amount_group) as discount,
        sum(l.freight_recovered_amount_group) as recovered, sum(l.other_adjustment_amount_group) as other,
        sum(l.rebate_amount_group) as rebate, sum(l.net_revenue_group) as revenue, sum(l.cogs_amount_group) as cogs,
        sum(l.gross_profit_group) as gross_profit, sum(l.freight_amount_group) as freight,
        sum(l.sample_cost_group) as samples, sum(l.activity_cost_group) as activities,
        sum(l.working_capital_charge_group) as working_capital, sum(l.bad_debt_group) as bad_debt,
        sum(l.cost_to_serve_group) as cost_to_serve, sum(l.net_to_serve_group) as net_to_serve
    from segment_pnl as l
    inner join quarter as q using (fiscal_quarter)
    group by all
),
-- Documents that came after their period was closed were in no report of it.
reported as (
    select
        quarter_index, segment_key, count(distinct entity_id) as entities,
        sum(net_amount_group - rebate_amount_group) filter (is_late_for_closed_period is not true) as revenue,
        sum(cogs_amount_group) filter (is_late_for_closed_period is not true) as cogs
    from sold
    group by all
),
known as (
    select s.*, coalesce(r.entities, 0) as entities, coalesce(r.revenue, 0) as reported_revenue, coalesce(r.cogs, 0) as reported_cogs
    from summed as s
    left join reported as r using (quarter_index, segment_key)
)
select
    quarter_index, segment_key, entities, invoice_lines,
    unnest([
        {'line_no': 1, 'line_code': 'GROSS_SALES', 'amount': gross, 'reported': null},
        {'line_no': 2, 'line_code': 'DISCOUNT', 'amount': discount, 'reported': null},
        {'line_no': 3, 'line_code': 'FREIGHT_RECOVERED', 'amount': recovered, 'reported': null},
        {'line_no': 4, 'line_code': 'OTHER_ADJUSTMENT', 'amount': other, 'reported': null},
        {'line_no': 5, 'line_code': 'REBATE', 'amount': rebate, 'reported': null},
        {'line_no': 6, 'line_code': 'NET_REVENUE', 'amount': revenue, 'reported': reported_revenue},
        {'line_no': 7, 'line_code': 'COGS', 'amount': cogs, 'reported': reported_cogs},
        {'line_no': 8, 'line_code': 'GROSS_PROFIT', 'amount': gross_profit, 'reported': reported_revenue - reported_cogs},
        {'line_no': 9, 'line_code': 'FREIGHT', 'amount': freight, 'reported': null},
        {'line_no': 10, 'line_code': 'SAMPLE', 'amount': samples, 'reported': null},
        {'line_no': 11, 'line_code': 'ACTIVITY', 'amount': activities, 'reported': null},
        {'line_no': 12, 'line_code': 'WORKING_CAPITAL', 'amount': working_capital, 'reported': null},
        {'line_no': 13, 'line_code': 'BAD_DEBT', 'amount': bad_debt, 'reported': null},
        {'line_no': 14, 'line_code': 'COST_TO_SERVE', 'amount': cost_to_serve, 'reported': null},
        {'line_no': 15, 'line_code': 'NET_TO_SERVE', 'amount': net_to_serve, 'reported': null}
    ], recursive := true)
from known;

-- Logarithmic mean Divisia index, additive LMDI-I (Ang, Energy Policy 33, 2005, 867-871): an amount is customers x lines
-- of a customer x amount of a line, and each factor has the logarithmic mean of both amounts times the logarithm
-- of its growth. It has no answer where an amount is nothing or changes its sign.
create or replace table segment_pnl_quarter as
with keys as (
    select quarter_index, segment_key from quarter_line
    union
    select quarter_index + 1, segment_key from quarter_line
    union
    select quarter_index, segment_key from planned_quarter
),
line as (select distinct line_no, line_code from quarter_line),
compared as (
    select
        q.fiscal_quarter, k.segment_key, l.line_no, l.line_code, coalesce(n.amount, 0) as amount, n.reported,
        before.quarter_index is not null as is_compared, coalesce(p.amount, 0) as prior_amount,
        year_before.quarter_index is not null as has_year_before, coalesce(y.amount, 0) as year_before_amount,
        coalesce(n.entities, 0) as entities, coalesce(n.invoice_lines, 0) as invoice_lines,
        p.entities as prior_entities, p.invoice_lines as prior_invoice_lines,
        case l.line_code when 'NET_REVENUE' then b.revenue when 'COGS' then b.cogs
            when 'GROSS_PROFIT' then b.revenue - b.cogs end as budget,
        b.budget_basis
    from keys as k
    inner join quarter as q using (quarter_index)
    cross join line as l
    left join quarter as before on before.quarter_index = k.quarter_index - 1
    left join quarter as year_before on year_before.quarter_index = k.quarter_index - 4
    left join quarter_line as n
        on n.quarter_index = k.quarter_index and n.segment_key = k.segment_key and n.line_no = l.line_no
    left join quarter_line as p
        on p.quarter_index = k.quarter_index - 1 and p.segment_key = k.segment_key and p.line_no = l.line_no
    left join quarter_line as y
        on y.quarter_index = k.quarter_index - 4 and y.segment_key = k.segment_key and y.line_no = l.line_no
    left join planned_quarter as b on b.quarter_index = k.quarter_index and b.segment_key = k.segment_key
),
weighed as (
    select
        *, amount::double as v1, prior_amount::double as v0,
        is_compared and amount * prior_amount > 0 and entities > 0 and prior_entities > 0 and invoice_lines > 0
            and prior_invoice_lines > 0 as is_split
    from compared
),
split as (
    select
        *, case when v1 = v0 then v1 else (v1 - v0) / ln(v1 / v0) end as mean_amount,
        ln(entities::double / prior_entities) as customers_growth,
        ln((invoice_lines::double / entities) / (prior_invoice_lines::double / prior_entities)) as lines_growth
    from weighed
    where is_split
),
effect as (
    select
        fiscal_quarter, segment_key, line_no,
        round(mean_amount * customers_growth, 4)::decimal(18, 4) as customers_effect,
        round(mean_amount * lines_growth, 4)::decimal(18, 4) as lines_effect
    from split
)
select
    w.fiscal_quarter, w.segment_key, w.line_no::bigint as line_no, w.line_code, w.amount::decimal(18, 4) as amount_group,
    w.reported::decimal(18, 4) as reported_amount_group,
    case when w.is_compared then w.prior_amount end::decimal(18, 4) as prior_amount_group,
    case when w.has_year_before then w.year_before_amount end::decimal(18, 4) as year_before_amount_group,
    w.budget::decimal(18, 4) as budget_amount_group,
    case when w.budget is not null then w.budget_basis end as budget_basis,
    w.entities::bigint as entities_count, w.invoice_lines::bigint as invoice_lines_count,
    e.customers_effect as customers_effect_group, e.lines_effect as lines_effect_group,
    (w.amount - w.prior_amount - e.customers_effect - e.lines_effect)::decimal(18, 4) as rate_effect_group
from weighed as w
left join effect as e using (fiscal_quarter, segment_key, line_no)
order by all;
