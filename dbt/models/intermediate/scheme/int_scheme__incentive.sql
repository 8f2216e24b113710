with

calendar as (

    select period.fiscal_period_id, period.start_date, period.end_date
    from {{ ref('int_calendar__fiscal_period') }} as period
    inner join {{ ref('int_calendar__company') }} as company on period.calendar_id = company.calendar_id
    where company.company_code = '*'

),

entities as (

    select customer_id, entity_id
    from {{ ref('int_customer__segmentation_entity') }}
    where not is_excluded

),

stated as (

    select
        'COMMISSION' as incentive_kind,
        sales_rep_id,
        customer_id,
        fiscal_period_id,
        currency,
        commission_amount as amount,
        cast(null as string) as plan_class,
        cast(null as string) as discount_class
    from {{ ref('stg_sales_ops__commission') }}

    union all

    select
        'TARGET' as incentive_kind, sales_rep_id, customer_id, fiscal_period_id, currency, target_amount as amount,
        plan_class, discount_class
    from {{ ref('stg_sales_ops__sales_target') }}
    where customer_id is not null

),

-- The last rate of a period; balances are taken at its end.
rates as (

    select
        rate.from_currency,
        calendar.fiscal_period_id,
        rate.rate,
        row_number() over (
            partition by rate.from_currency, calendar.fiscal_period_id order by rate.rate_date desc
        ) as rank_no
    from {{ ref('int_currency__rate') }} as rate
    inner join calendar on rate.rate_date >= calendar.start_date and rate.rate_date < calendar.end_date
    where rate.to_currency = '{{ var("group_currency") }}'

),

priced as (

    select
        stated.incentive_kind,
        stated.sales_rep_id,
        entities.entity_id,
        stated.fiscal_period_id,
        calendar.start_date,
        stated.plan_class,
        stated.discount_class,
        case
            when stated.currency = '{{ var("group_currency") }}' then stated.amount
            else {{ money(times('stated.amount', 'rates.rate')) }}
        end as amount_group
    from stated
    inner join entities on stated.customer_id = entities.customer_id
    left join calendar on stated.fiscal_period_id = calendar.fiscal_period_id
    left join rates
        on stated.currency = rates.from_currency
        and stated.fiscal_period_id = rates.fiscal_period_id
        and stated.currency <> '{{ var("group_currency") }}'
        and rates.rank_no = 1

)

select
    incentive_kind,
    sales_rep_id,
    entity_id,
    fiscal_period_id,
    min(start_date) as start_date,
    max(plan_class) as plan_class,
    max(discount_class) as discount_class,
    cast(sum(amount_group) as decimal(18, 4)) as amount_group,
    cast(count(*) - count(amount_group) as bigint) as unpriced_count
from priced
group by incentive_kind, sales_rep_id, entity_id, fiscal_period_id
