{{ config(materialized='view') }}

{#-
    R-07: what was charged, what stood idle and what keeps the sites going is the cost that the ledger
    booked on the cost centres of the pools; idle capacity is taken from its minutes, so that both sides
    come from somewhere else. R-20: the bridge closes, and migration moves profit without making any.
    R-05: the profit and loss of all segments has every document line.
-#}
{%- set group_currency = "'" ~ var('group_currency') ~ "'" -%}
with

usage as (

    select * from {{ ref('mart_capacity_usage') }}

),

charged as (

    select fiscal_period_id, pool_id, sum(cost_group) as cost_group
    from {{ ref('mart_cts_segment') }}
    group by fiscal_period_id, pool_id

),

periods as (

    select
        period.fiscal_period_id,
        period.end_date,
        {{ add_days('period.end_date', -1) }} as last_date
    from {{ ref('int_calendar__fiscal_period') }} as period
    inner join {{ ref('int_calendar__company') }} as company
        on period.calendar_id = company.calendar_id
        and company.company_code = '*'

),

pooled as (

    select
        usage.fiscal_period_id,
        usage.cost_centre,
        sum(coalesce(charged.cost_group, 0) + coalesce(usage.unused_by_minutes_group, 0) + coalesce(usage.sustaining_cost_group, 0))
            as amount,
        sum(coalesce(usage.unused_cost_group, 0)) as unused_amount,
        {{ sorted_text('usage.pool_id', ', ') }} as pools
    from usage
    left join charged
        on usage.fiscal_period_id = charged.fiscal_period_id
        and usage.pool_id = charged.pool_id
    group by usage.fiscal_period_id, usage.cost_centre

),

booked as (

    select
        balance.fiscal_period_id,
        balance.cost_centre,
        sum(
            case
                when balance.currency = {{ group_currency }} then balance.amount_local
                else {{ money(times('balance.amount_local', 'rate.rate')) }}
            end
        ) as amount
    from {{ ref('stg_finance__gl_balance') }} as balance
    inner join {{ ref('stg_finance__gl_account_map') }} as account_map
        on balance.account = account_map.account
        and account_map.statement_line = 'CTS_POOL'
    inner join periods on balance.fiscal_period_id = periods.fiscal_period_id
    left join {{ ref('int_currency__rate') }} as rate
        on balance.currency = rate.from_currency
        and rate.to_currency = {{ group_currency }}
        and periods.last_date = rate.rate_date
    group by balance.fiscal_period_id, balance.cost_centre

),

-- The same cost as customers got it, and what none of them got.
customers as (

    select fiscal_period_id, sum(activity_cost_group) as amount
    from {{ ref('fct_customer_pnl') }}
    where fiscal_period_id in (select charged.fiscal_period_id from charged)
    group by fiscal_period_id

),

shared_out as (

    select
        usage.fiscal_period_id,
        min(customers.amount) + sum(usage.unused_cost_group + usage.sustaining_cost_group) as amount,
        sum(usage.pool_amount_group) as pool_amount
    from usage
    inner join customers on usage.fiscal_period_id = customers.fiscal_period_id
    where usage.pool_amount_group is not null
    group by usage.fiscal_period_id

),

bridge as (

    select
        fiscal_quarter,
        segment_key,
        sum(case when step_code like 'MIGRATION%' then amount_group else 0 end) as migrated,
        sum(case when step_code = 'CURRENT' then amount_group else 0 end) as current_amount,
        sum(case when step_code = 'CURRENT' then 0 else amount_group end) as bridged_amount
    from {{ ref('mart_segment_pnl_bridge') }}
    group by fiscal_quarter, segment_key

),

quarters as (

    select
        fiscal_quarter,
        sum(migrated) as migrated,
        sum(current_amount) as current_amount,
        max(abs(current_amount - bridged_amount)) as largest_gap
    from bridge
    group by fiscal_quarter

),

segment_profit as (

    select fiscal_quarter, sum(net_to_serve_group) as amount
    from {{ ref('mart_segment_pnl') }}
    group by fiscal_quarter

),

segment_lines as (

    select
        company_code,
        fiscal_period_id,
        sum(net_amount_local - rebate_amount_local - cogs_amount_local) as amount
    from {{ ref('mart_segment_pnl') }}
    where company_code <> '*'
    group by company_code, fiscal_period_id

),

company_lines as (

    select
        company_code,
        fiscal_period_id,
        sum(net_amount_local - rebate_amount_local - coalesce(cogs_amount_local, 0)) as amount
    from {{ ref('int_invoice__line') }}
    group by company_code, fiscal_period_id

),

results as (

    select
        {{ control_row(
            'R-07', 'CRITICAL', "'cost_centre=' || pooled.cost_centre || '|period=' || pooled.fiscal_period_id",
            'pooled.amount', 'coalesce(booked.amount, 0)',
            "'charged, idle and sustaining cost of ' || pooled.pools || ' against the ledger; idle: '
                || cast(cast(pooled.unused_amount as decimal(18, 2)) as string)",
            tolerance='0.01', period='pooled.fiscal_period_id', opened='periods.end_date'
        ) }}
    from pooled
    inner join periods on pooled.fiscal_period_id = periods.fiscal_period_id
    left join booked
        on pooled.fiscal_period_id = booked.fiscal_period_id
        and pooled.cost_centre = booked.cost_centre

    union all

    select
        {{ control_row(
            'R-07', 'CRITICAL', "'customers|period=' || fiscal_period_id", 'amount', 'pool_amount',
            "'activities of all customers with idle and sustaining cost against the pools'",
            tolerance='0.01', period='fiscal_period_id'
        ) }}
    from shared_out

    union all

    select
        {{ control_row(
            'R-20', 'CRITICAL', "'quarter=' || fiscal_quarter || '|measure=migration'", 'migrated', '0',
            "'profit that moved between segments adds up to nothing'", tolerance='0.01'
        ) }}
    from quarters

    union all

    select
        {{ control_row(
            'R-20', 'CRITICAL', "'quarter=' || fiscal_quarter || '|measure=gap'", 'largest_gap', '0',
            "'steps of the bridge against the profit of the quarter, in the worst segment'", tolerance='0.01'
        ) }}
    from quarters

    union all

    select
        {{ control_row(
            'R-20', 'CRITICAL', "'quarter=' || quarters.fiscal_quarter || '|measure=profit'",
            'quarters.current_amount', 'segment_profit.amount',
            "'profit in the bridge of all segments against their profit and loss'", tolerance='0.01'
        ) }}
    from quarters
    inner join segment_profit on quarters.fiscal_quarter = segment_profit.fiscal_quarter

    union all

    select
        {{ control_row(
            'R-05', 'CRITICAL',
            "'company=' || segment_lines.company_code || '|period=' || segment_lines.fiscal_period_id || '|measure=segment_pnl'",
            'segment_lines.amount', 'company_lines.amount',
            "'gross profit of all segments, with excluded and unassigned, against the documents'",
            company='segment_lines.company_code', period='segment_lines.fiscal_period_id'
        ) }}
    from segment_lines
    inner join company_lines
        on segment_lines.company_code = company_lines.company_code
        and segment_lines.fiscal_period_id = company_lines.fiscal_period_id

),

feed_sizes as (

    select
        (select count(*) from usage) as pools,
        (select count(*) from charged) as activities,
        (select count(*) from booked) as balances,
        (select count(*) from company_lines) as documents

)

select * from results

union all

{{ nothing_compared('R-07', 'CRITICAL', 'results', ['pools', 'activities', 'balances'], 'no ledger of cost pools, no pool, or no activity with its times') }}

union all

{{ nothing_compared('R-20', 'CRITICAL', 'results', ['documents'], 'no document') }}
