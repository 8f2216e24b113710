{#- A view: the rows stand in staging. Costs that are computed from drivers and time equations take the
    place of the stated activities of the same period, so that nothing counts twice. -#}
{{ config(materialized='view') }}

with

stated as (

    select * from {{ ref('stg_finance__customer_activity_cost') }}

),

computed as (

    select * from {{ ref('int_cost__entity_period') }}

),

companies as (

    select company_code, calendar_id from {{ ref('int_calendar__company') }}

),

periods as (

    select calendar_id, fiscal_period_id, end_date from {{ ref('int_calendar__fiscal_period') }}

),

entities as (

    select customer_id, entity_id, former_entity_id, former_until_date
    from {{ ref('int_customer__segmentation_entity') }}

),

rates as (

    select from_currency, rate_date, rate
    from {{ ref('int_currency__rate') }}
    where to_currency = '{{ var("group_currency") }}'

),

dated as (

    -- A period that is over counts as a whole, on its last day.
    select
        stated.*,
        entities.entity_id,
        entities.former_entity_id,
        entities.former_until_date,
        coalesce(stated.cost_date, {{ add_days('period.end_date', -1) }}) as earned_date
    from stated
    left join companies as own on stated.company_code = own.company_code
    left join companies as common on common.company_code = '*'
    left join periods as period
        on coalesce(own.calendar_id, common.calendar_id) = period.calendar_id
        and stated.fiscal_period_id = period.fiscal_period_id
    left join entities on stated.customer_id = entities.customer_id

),

final as (

    select
        dated.company_code,
        dated.customer_id,
        coalesce({{ entity_on('dated', 'dated.earned_date') }}, '-1') as entity_id,
        coalesce(dated.product_family, '-2') as product_family,
        dated.fiscal_period_id,
        dated.earned_date,
        dated.activity_code,
        case
            when dated.activity_code in ('WORKING_CAPITAL', 'BAD_DEBT') then dated.activity_code
            else 'ACTIVITY'
        end as cost_kind,
        {{ money(in_group_currency('dated.amount', 'dated.currency')) }} as amount_group
    from dated
    left join rates
        on dated.currency = rates.from_currency
        and dated.earned_date = rates.rate_date
    where dated.activity_code in ('WORKING_CAPITAL', 'BAD_DEBT')
        or dated.fiscal_period_id not in (select computed.fiscal_period_id from computed)

    union all

    -- An activity serves an order or a customer, never one product family alone.
    select
        '-2',
        '-2',
        entity_id,
        '-2',
        fiscal_period_id,
        earned_date,
        'TIME_DRIVEN',
        'ACTIVITY',
        amount_group
    from computed
    where amount_group <> 0

)

select * from final
