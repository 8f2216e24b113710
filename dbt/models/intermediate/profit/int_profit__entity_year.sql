with

year_rows as (

    select * from {{ ref('int_profit__customer_period') }}
    where is_last_year

),

coverage as (

    select * from {{ ref('int_profit__coverage') }}

),

excluded as (

    select distinct entity_id from {{ ref('int_customer__segmentation_entity') }} where is_excluded

),

years as (

    select
        entity_id,
        {% for name in sold_counts() + serving_counts() -%}
        cast(sum({{ name }}_count) as bigint) as {{ name }}_count,
        {% endfor -%}
        {% for name in sold_amounts() + serving_costs() -%}
        cast(sum({{ name }}_group) as decimal(18, 4)) as {{ name }}_group{{ ',' if not loop.last }}
        {% endfor %}
    from year_rows
    group by entity_id

),

-- What finance states for anybody in the year is measured, and nothing for who has none.
stated as (

    select
        coalesce(sum(activity_cost_count), 0) > 0 as has_activity_cost,
        coalesce(sum(working_capital_charge_count), 0) > 0 as has_working_capital_charge,
        coalesce(sum(bad_debt_count), 0) > 0 as has_bad_debt
    from years

),

measured as (

    select
        years.*,
        coverage.has_invoices,
        coverage.has_freight,
        coverage.has_freight_account,
        stated.has_activity_cost,
        stated.has_working_capital_charge,
        stated.has_bad_debt
    from years
    cross join coverage
    cross join stated
    left join excluded on years.entity_id = excluded.entity_id
    -- Without an invoice a profit would be freight alone; unassigned and excluded are no customers.
    where coverage.has_invoices
        and excluded.entity_id is null
        and years.entity_id <> '-1'

),

final as (

    select
        entity_id,
        goods_lines_count,
        costed_lines_count,
        landed_lines_count,
        below_cost_lines_count,
        gross_amount_group,
        discount_amount_group,
        case when has_freight_account then freight_recovered_amount_group end as freight_recovered_amount_group,
        net_amount_group,
        rebate_amount_group,
        net_revenue_group,
        costed_net_revenue_group,
        landed_cogs_amount_group,
        landed_part_cost_group,
        case when has_freight then freight_amount_group end as freight_amount_group,
        case when sample_lines_count = 0 or sample_lines_count > sample_uncosted_count then sample_cost_group end
            as sample_cost_group,
        case when has_activity_cost then activity_cost_group end as activity_cost_group,
        case when has_working_capital_charge then working_capital_charge_group end as working_capital_charge_group,
        case when has_bad_debt then bad_debt_group end as bad_debt_group,
        -- Samples alone do not make a cost of serving.
        case when has_freight or has_activity_cost then cast({{ cost_to_serve('measured') }} as decimal(18, 4)) end
            as cost_to_serve_group,
        {{ cost_to_serve_basis('measured') }} as cost_to_serve_basis,
        cast({{ gross_profit('measured') }} as decimal(18, 4)) as gross_profit_group,
        cast({{ gross_profit('measured') }} - {{ cost_to_serve('measured') }} as decimal(18, 4)) as net_to_serve_group,
        {{ goods_cost_basis('measured') }} || '; ' || {{ cost_to_serve_basis('measured') }} as net_to_serve_basis,
        {{ profit_null_reason('measured', 'measured') }} as null_reason
    from measured

)

select * from final
