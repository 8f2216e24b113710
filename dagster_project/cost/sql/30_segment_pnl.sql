-- Profit and loss by segment, company and period. Documents belong to the company that posted them; what
-- no company books, such as the work of serving, belongs to the group (company *).

create or replace temp table sold as
select
    case when l.entity_id is null then '-2' else coalesce(s.segment_key, '-1') end as segment_key, l.company_code, l.entity_id, l.product_id, l.currency, l.local_currency,
    p.fiscal_period_id, p.fiscal_quarter, p.quarter_index, p.is_quarter_over,
    a.account is not null as is_freight_recovered, l.is_late_for_closed_period,
    l.invoiced_base_qty, l.net_amount, l.rebate_amount,
    l.gross_amount_group, l.discount_amount_group, l.rebate_amount_group, l.net_amount_group, l.cogs_amount_group,
    l.net_amount_local, l.discount_amount_local, l.rebate_amount_local, l.cogs_amount_local
from invoice_line as l
inner join company as c on c.company_code = l.company_code
inner join period as p on p.calendar_id = c.calendar_id and p.fiscal_period_id = l.fiscal_period_id
left join freight_account as a on a.account = l.gl_account and a.statement_line = 'FREIGHT_RECOVERED'
left join segment_of as s
    on s.entity_id = l.entity_id and l.posting_date >= s.valid_from and l.posting_date < s.valid_to;

-- Costs beside the goods. What finance states as the cost of activities has no minutes. A charge in the head
-- of a document is money that came in: it is shown, and in no cost.
create or replace temp table charge as
with stated as (
    select
        case freight_kind when 'BILLED' then 'FREIGHT' else 'CHARGED' end as kind, entity_id, company_code,
        freight_date as cost_date, fiscal_period_id, 1 as usage, amount_group, amount_local
    from freight
    union all
    select 'SAMPLE', entity_id, '*', shipped_date, null, 0, cost_amount_group, null from sample_line
    union all
    select cost_kind, entity_id, '*', earned_date, fiscal_period_id, 0, amount_group, null
    from activity_cost
    where activity_code <> 'TIME_DRIVEN'
),
-- A period is stated, or it is that of the day.
dated as (
    select
        t.*, coalesce(t.fiscal_period_id, g.fiscal_period_id) as charged_period_id
    from stated as t
    inner join company as c on c.company_code = t.company_code
    left join (
        select calendar_id, unnest(range(start_date, end_date, interval 1 day))::date as day, fiscal_period_id
        from period
    ) as g on g.calendar_id = c.calendar_id and g.day = t.cost_date
)
select
    t.kind, t.entity_id, t.company_code, p.fiscal_period_id, p.quarter_index,
    coalesce(s.segment_key, '-1') as segment_key,
    t.usage::decimal(28, 6) as usage, coalesce(t.amount_group, 0)::decimal(28, 10) as cost,
    coalesce(t.amount_local, 0)::decimal(28, 4) as cost_local
from dated as t
inner join company as c on c.company_code = t.company_code
inner join period as p on p.calendar_id = c.calendar_id and p.fiscal_period_id = t.charged_period_id
left join segment_of as s
    on s.entity_id = t.entity_id and t.cost_date >= s.valid_from and t.cost_date < s.valid_to;

create or replace temp table served as
select kind, kind as pool_id, entity_id, fiscal_period_id, quarter_index, segment_key, usage, cost
from charge
where kind <> 'CHARGED'
union all
select
    'ACTIVITY', pool_id, entity_id, fiscal_period_id, quarter_index, segment_key, sum(minutes), sum(cost)
from entity_activity
group by pool_id, entity_id, fiscal_period_id, quarter_index, segment_key;

create or replace table segment_pnl as
with documents as (
    select
        segment_key, company_code, fiscal_period_id, count(*) as invoice_lines_count,
        sum(gross_amount_group) filter (not is_freight_recovered) as gross,
        sum(discount_amount_group) filter (not is_freight_recovered) as discount,
        sum(net_amount_group) filter (is_freight_recovered) as freight_recovered,
        sum(net_amount_group) as net, sum(rebate_amount_group) as rebate, sum(cogs_amount_group) as cogs,
        any_value(local_currency) as local_currency, sum(net_amount_local) as net_local,
        sum(discount_amount_local) as discount_local, sum(rebate_amount_local) as rebate_local,
        sum(cogs_amount_local) as cogs_local,
        sum(net_amount_local) filter (is_freight_recovered) as freight_recovered_local
    from sold
    group by all
),
charged as (
    -- The cost of an activity is that of the segment's row in the cost of serving, to the last digit.
    select
        segment_key, '*' as company_code, fiscal_period_id, 'ACTIVITY' as kind, sum(cost_group) as cost,
        0 as cost_local
    from cts_segment
    group by all
    union all
    select segment_key, company_code, fiscal_period_id, kind, sum(cost), sum(cost_local)
    from charge
    group by all
),
serving as (
    select
        segment_key, company_code, fiscal_period_id,
        sum(cost) filter (kind = 'FREIGHT') as freight, sum(cost_local) filter (kind = 'FREIGHT') as freight_local,
        sum(cost) filter (kind = 'CHARGED') as charged, sum(cost_local) filter (kind = 'CHARGED') as charged_local, sum(cost) filter (kind = 'SAMPLE') as samples,
        sum(cost) filter (kind = 'ACTIVITY') as activities,
        sum(cost) filter (kind = 'WORKING_CAPITAL') as working_capital,
        sum(cost) filter (kind = 'BAD_DEBT') as bad_debt
    from charged
    group by all
),
planned as (
    -- A plan for the whole company is for no segment.
    select
        coalesce($scheme || ':' || segment_code, '-2') as segment_key, '*' as company_code, fiscal_period_id,
        -- A sum that lacks a family would be taken for the plan.
        case when count(amount_group) = count(*) then sum(amount_group) end as budget
    from budget
    group by all
),
cells as (
    select segment_key, company_code, fiscal_period_id from documents
    union
    select segment_key, company_code, fiscal_period_id from serving
    union
    select segment_key, company_code, fiscal_period_id from planned
),
measured as (
    select
        k.*, coalesce(d.invoice_lines_count, 0)::bigint as invoice_lines_count,
        coalesce(d.gross, 0)::decimal(18, 4) as gross_amount_group,
        coalesce(d.discount, 0)::decimal(18, 4) as discount_amount_group,
        coalesce(d.freight_recovered, 0)::decimal(18, 4) as freight_recovered_amount_group,
        coalesce(d.net, 0)::decimal(18, 4) as net_amount_group,
        coalesce(d.rebate, 0)::decimal(18, 4) as rebate_amount_group,
        coalesce(d.cogs, 0)::decimal(18, 4) as cogs_amount_group,
        round(coalesce(s.freight, 0), 4)::decimal(18, 4) as freight_amount_group,
        round(coalesce(s.samples, 0), 4)::decimal(18, 4) as sample_cost_group,
        round(coalesce(s.activities, 0), 4)::decimal(18, 4) as activity_cost_group,
        round(coalesce(s.working_capital, 0), 4)::decimal(18, 4) as working_capital_charge_group,
        round(coalesce(s.bad_debt, 0), 4)::decimal(18, 4) as bad_debt_group,
        round(coalesce(s.charged, 0), 4)::decimal(18, 4) as head_freight_amount_group,
        b.budget::decimal(18, 4) as budget_amount_group, d.local_currency,
        coalesce(d.net_local, 0)::decimal(18, 4) as net_amount_local,
        coalesce(d.discount_local, 0)::decimal(18, 4) as discount_amount_local,
        coalesce(d.rebate_local, 0)::decimal(18, 4) as rebate_amount_local,
        coalesce(d.freight_recovered_local, 0)::decimal(18, 4) as freight_recovered_amount_local,
        coalesce(d.cogs_local, 0)::decimal(18, 4) as cogs_amount_local,
        coalesce(s.charged_local, 0)::decimal(18, 4) as head_freight_amount_local,
        coalesce(s.freight_local, 0)::decimal(18, 4) as freight_amount_local
    from cells as k
    left join documents as d using (segment_key, company_code, fiscal_period_id)
    left join serving as s using (segment_key, company_code, fiscal_period_id)
    left join planned as b using (segment_key, company_code, fiscal_period_id)
),
summed as (
    select
        *, (net_amount_group - rebate_amount_group)::decimal(18, 4) as net_revenue_group,
        (freight_amount_group + sample_cost_group + activity_cost_group + working_capital_charge_group
            + bad_debt_group)::decimal(18, 4) as cost_to_serve_group
    from measured
)
select
    p.fiscal_quarter, s.fiscal_period_id, s.company_code, s.segment_key, s.invoice_lines_count,
    s.gross_amount_group, s.discount_amount_group, s.freight_recovered_amount_group,
    (s.net_amount_group - s.gross_amount_group + s.discount_amount_group - s.freight_recovered_amount_group)
        ::decimal(18, 4) as other_adjustment_amount_group,
    s.net_amount_group, s.rebate_amount_group, s.net_revenue_group, s.cogs_amount_group,
    (s.net_revenue_group - s.cogs_amount_group)::decimal(18, 4) as gross_profit_group,
    s.freight_amount_group, s.sample_cost_group, s.activity_cost_group, s.working_capital_charge_group,
    s.bad_debt_group, s.cost_to_serve_group,
    (s.net_revenue_group - s.cogs_amount_group - s.cost_to_serve_group)::decimal(18, 4) as net_to_serve_group,
    s.head_freight_amount_group, s.budget_amount_group, s.local_currency, s.net_amount_local, s.discount_amount_local,
    s.rebate_amount_local, s.freight_recovered_amount_local, s.head_freight_amount_local, s.cogs_amount_local,
    s.freight_amount_local
from summed as s
inner join company as c on c.company_code = s.company_code
inner join period as p on p.calendar_id = c.calendar_id and p.fiscal_period_id = s.fiscal_period_id
order by all;
