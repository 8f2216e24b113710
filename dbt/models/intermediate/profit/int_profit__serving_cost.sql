{#- Each amount beside the goods: name and which rows it counts. -#}
{%- set kinds = [('activity_cost', 'ACTIVITY'), ('working_capital_charge', 'WORKING_CAPITAL'), ('bad_debt', 'BAD_DEBT')] -%}
with

freight_charges as (

    select * from {{ ref('int_profit__freight_charge') }}

),

sample_lines as (

    select * from {{ ref('int_profit__sample_line') }}

),

activity_costs as (

    select * from {{ ref('int_profit__activity_cost') }}

),

companies as (

    select company_code, calendar_id from {{ ref('int_calendar__company') }}

),

periods as (

    select * from {{ ref('int_calendar__fiscal_period') }}

),

by_day as (

    select
        entity_id,
        product_family,
        invoice_date as cost_date,
        count(*) as freight_charges_count,
        sum(case when amount_group is null then 1 else 0 end) as freight_unpriced_count,
        sum(coalesce(amount_group, 0)) as freight_amount_group,
        0 as sample_lines_count,
        0 as sample_uncosted_count,
        0 as sample_cost_group
    from freight_charges
    group by entity_id, product_family, invoice_date

    union all

    select
        entity_id,
        product_family,
        shipped_date,
        0,
        0,
        0,
        count(*),
        sum(case when cost_amount_group is null then 1 else 0 end),
        sum(coalesce(cost_amount_group, 0))
    from sample_lines
    group by entity_id, product_family, shipped_date

),

-- What no document books in a period is booked by the calendar of the company that bills the
-- entity, where that is one.
billing_companies as (

    select coalesce(entity_id, '-1') as entity_id, min(company_code) as company_code
    from {{ ref('int_invoice__line') }}
    group by 1
    having min(company_code) = max(company_code)

),

booked as (

    select
        by_day.entity_id,
        by_day.product_family,
        coalesce(period.fiscal_period_id, 'UNKNOWN') as fiscal_period_id,
        coalesce(by_day.cost_date >= {{ year_start() }} and by_day.cost_date <= {{ as_of() }}, false) as is_last_year,
        by_day.freight_charges_count,
        by_day.freight_unpriced_count,
        by_day.freight_amount_group,
        by_day.sample_lines_count,
        by_day.sample_uncosted_count,
        by_day.sample_cost_group,
        {% for name, _ in kinds -%}
        0 as {{ name }}_count,
        0 as {{ name }}_group,
        {% endfor -%}
        0 as activity_unpriced_count
    from by_day
    left join billing_companies as billing on by_day.entity_id = billing.entity_id
    left join companies as own on billing.company_code = own.company_code
    left join companies as common on common.company_code = '*'
    left join periods as period
        on coalesce(own.calendar_id, common.calendar_id) = period.calendar_id
        and by_day.cost_date >= period.start_date
        and by_day.cost_date < period.end_date

    union all

    select
        entity_id,
        product_family,
        fiscal_period_id,
        coalesce(earned_date >= {{ year_start() }} and earned_date <= {{ as_of() }}, false) as is_last_year,
        0,
        0,
        0,
        0,
        0,
        0,
        {% for _, kind in kinds -%}
        case when cost_kind = '{{ kind }}' then 1 else 0 end,
        case when cost_kind = '{{ kind }}' then coalesce(amount_group, 0) else 0 end,
        {% endfor -%}
        case when amount_group is null then 1 else 0 end
    from activity_costs

),

final as (

    select
        entity_id,
        product_family,
        fiscal_period_id,
        is_last_year,
        {% for name in serving_counts() -%}
        cast(sum({{ name }}_count) as bigint) as {{ name }}_count,
        {% endfor -%}
        {% for name in serving_costs() -%}
        cast(sum({{ name }}_group) as decimal(18, 4)) as {{ name }}_group{{ ',' if not loop.last }}
        {% endfor %}
    from booked
    group by entity_id, product_family, fiscal_period_id, is_last_year

)

select * from final
