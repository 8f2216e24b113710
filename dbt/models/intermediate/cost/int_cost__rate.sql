{#- A view: some hundred rows. Only a period that is over has a rate, as only then its cost is known. -#}
{{ config(materialized='view') }}

with

periods as (

    -- Pools belong to the books of the group.
    select
        period.fiscal_period_id,
        period.start_date,
        period.end_date,
        {{ add_days('period.end_date', -1) }} as last_date
    from {{ ref('int_calendar__fiscal_period') }} as period
    inner join {{ ref('int_calendar__company') }} as company
        on period.calendar_id = company.calendar_id
        and company.company_code = '*'
    where period.end_date <= {{ add_days(as_of(), 1) }}

),

rates as (

    select from_currency, rate_date, rate
    from {{ ref('int_currency__rate') }}
    where to_currency = '{{ var("group_currency") }}'

),

pools as (

    select
        pool.pool_id,
        pool.fiscal_period_id,
        pool.cost_level,
        pool.cost_centre,
        pool.currency,
        pool.amount,
        {{ money(in_group_currency('pool.amount', 'pool.currency')) }} as amount_group,
        periods.start_date,
        periods.end_date,
        capacity.theoretical_minutes,
        capacity.practical_minutes
    from {{ ref('stg_finance__cost_pool') }} as pool
    inner join periods on pool.fiscal_period_id = periods.fiscal_period_id
    left join {{ ref('stg_finance__resource_capacity') }} as capacity
        on pool.pool_id = capacity.pool_id
        and pool.fiscal_period_id = capacity.fiscal_period_id
    left join rates
        on pool.currency = rates.from_currency
        and periods.last_date = rates.rate_date

),

priced as (

    -- What keeps the site going is nobody's: it is shown, never shared out.
    select
        pools.*,
        case
            when cost_level = 'FACILITY' then 'keeps the site going and is not shared out'
            when amount_group is null then 'no exchange rate on the last day of the period'
            when practical_minutes is null then 'no capacity is stated'
            when practical_minutes <= 0 then 'no practical capacity'
        end as null_reason
    from pools

),

terms as (

    select
        activity.activity_id,
        activity.pool_id,
        activity.name as activity_name,
        upper(activity.driver) as activity_driver,
        upper(case when standard.term = 'BASE' then activity.driver else standard.term end) as driver,
        standard.valid_from,
        standard.standard_minutes
    from {{ ref('stg_finance__activity') }} as activity
    inner join {{ ref('stg_finance__activity_time_std') }} as standard on activity.activity_id = standard.activity_id

),

-- A standard holds for whole periods, from the first that begins when it is valid.
in_force as (

    select
        priced.fiscal_period_id,
        terms.pool_id,
        terms.activity_id,
        terms.activity_name,
        terms.activity_driver,
        terms.driver,
        max_by(terms.standard_minutes, terms.valid_from) as standard_minutes
    from priced
    inner join terms on priced.pool_id = terms.pool_id
    where terms.valid_from <= priced.start_date
    group by 1, 2, 3, 4, 5, 6

)

select
    priced.fiscal_period_id,
    priced.start_date,
    priced.end_date,
    priced.pool_id,
    priced.cost_level,
    priced.cost_centre,
    priced.currency,
    priced.amount,
    priced.amount_group,
    priced.theoretical_minutes,
    priced.practical_minutes,
    priced.null_reason,
    case
        when priced.null_reason is null
            then cast(cast(priced.amount_group as double) / cast(priced.practical_minutes as double) as decimal(28, 12))
    end as minute_rate_group,
    in_force.activity_id,
    in_force.activity_name,
    in_force.activity_driver,
    in_force.driver,
    in_force.standard_minutes
from priced
left join in_force
    on priced.fiscal_period_id = in_force.fiscal_period_id
    and priced.pool_id = in_force.pool_id
