{#- A view: a budget has few rows. -#}
{{ config(materialized='view') }}

with

periods as (

    select
        period.fiscal_period_id,
        {{ add_days('period.end_date', -1) }} as last_date
    from {{ ref('int_calendar__fiscal_period') }} as period
    inner join {{ ref('int_calendar__company') }} as company
        on period.calendar_id = company.calendar_id
        and company.company_code = '*'

),

rates as (

    select from_currency, rate_date, rate
    from {{ ref('int_currency__rate') }}
    where to_currency = '{{ var("group_currency") }}'

),

-- The version that became known last holds, period by period.
versions as (

    select fiscal_period_id, version, max(_known_at) as known_at
    from {{ ref('stg_finance__budget') }}
    group by fiscal_period_id, version

),

ranked as (

    select
        fiscal_period_id,
        version,
        row_number() over (partition by fiscal_period_id order by known_at desc, version desc) as rank_no
    from versions

),

planned as (

    select
        budget.fiscal_period_id,
        budget.segment_code,
        budget.product_family,
        {{ money(in_group_currency('budget.amount', 'budget.currency')) }} as amount_group,
        {{ money(in_group_currency(times('budget.budget_qty', 'budget.unit_cost'), 'budget.currency')) }}
            as cogs_amount_group
    from {{ ref('stg_finance__budget') }} as budget
    inner join ranked
        on budget.fiscal_period_id = ranked.fiscal_period_id
        and budget.version = ranked.version
        and ranked.rank_no = 1
    inner join periods on budget.fiscal_period_id = periods.fiscal_period_id
    left join rates
        on budget.currency = rates.from_currency
        and periods.last_date = rates.rate_date

)

-- A sum that lacks a part would be taken for the plan: it is null.
select
    fiscal_period_id,
    segment_code,
    product_family,
    cast(case when count(amount_group) = count(*) then sum(amount_group) end as decimal(18, 4)) as amount_group,
    cast(case when count(cogs_amount_group) = count(*) then sum(cogs_amount_group) end as decimal(18, 4))
        as cogs_amount_group
from planned
group by fiscal_period_id, segment_code, product_family
