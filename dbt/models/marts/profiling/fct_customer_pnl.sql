{{ config(
    materialized=large_table(),
    unique_key=['fiscal_period_id', 'entity_id', 'product_family'],
    touched='int_touched__entity_period'
) }}

with

customer_periods as (

    select * from {{ ref('int_profit__customer_period') }}
    {{ only_touched('fiscal_period_id', 'int_touched__entity_period', 'fiscal_period_id') }}

),

coverage as (

    select * from {{ ref('int_profit__coverage') }}

),

excluded as (

    select distinct entity_id from {{ ref('int_customer__segmentation_entity') }} where is_excluded

),

computed as (

    select distinct fiscal_period_id from {{ ref('int_cost__rate') }}
    where minute_rate_group is not null and driver is not null

),

-- Finance states costs period by period: what it has not stated for a period yet is not measured there.
stated as (

    select
        fiscal_period_id,
        sum(activity_cost_count) > 0 as has_activity_cost,
        sum(working_capital_charge_count) > 0 as has_working_capital_charge,
        sum(bad_debt_count) > 0 as has_bad_debt
    from customer_periods
    group by fiscal_period_id

),

pnl as (

    -- Whether earned in the last year matters to the yearly marts only.
    select
        entity_id,
        product_family,
        fiscal_period_id,
        {% for name in sold_counts() + serving_counts() -%}
        cast(sum({{ name }}_count) as bigint) as {{ name }}_count,
        {% endfor -%}
        {% for name in sold_amounts() + serving_costs() -%}
        cast(sum({{ name }}_group) as decimal(18, 4)) as {{ name }}_group{{ ',' if not loop.last }}
        {% endfor %}
    from customer_periods
    group by entity_id, product_family, fiscal_period_id

),

measured as (

    select
        pnl.*,
        coverage.has_invoices,
        coverage.has_freight,
        coverage.has_freight_account,
        stated.has_activity_cost,
        computed.fiscal_period_id is not null as has_computed_activities,
        stated.has_working_capital_charge,
        stated.has_bad_debt,
        excluded.entity_id is not null as is_excluded
    from pnl
    inner join stated on pnl.fiscal_period_id = stated.fiscal_period_id
    cross join coverage
    left join computed on pnl.fiscal_period_id = computed.fiscal_period_id
    left join excluded on pnl.entity_id = excluded.entity_id

),

final as (

    select
        measured.*,
        case when has_invoices then {{ gross_profit('measured') }} end as gross_profit_group,
        {{ cost_to_serve('measured') }} as cost_to_serve_group,
        {{ cost_to_serve_basis('measured') }} as cost_to_serve_basis,
        {{ goods_cost_basis('measured') }} as cogs_basis,
        {{ profit_null_reason('measured', 'measured') }} as null_reason
    from measured

)

select
    entity_id,
    product_family,
    fiscal_period_id,
    is_excluded,
    invoice_lines_count,
    below_cost_lines_count,
    case when has_invoices then gross_amount_group end as gross_amount_group,
    case when has_invoices then discount_amount_group end as discount_amount_group,
    case when has_freight_account then freight_recovered_amount_group end as freight_recovered_amount_group,
    case
        when has_freight_account then 'lines posted to an account of freight recovered'
        else 'no account is said to be freight recovered'
    end as freight_recovered_basis,
    case
        when has_invoices
            then cast(
                net_amount_group - gross_amount_group + discount_amount_group - freight_recovered_amount_group as decimal(18, 4)
            )
    end as other_adjustment_amount_group,
    case when has_invoices then net_amount_group end as net_amount_group,
    case when has_invoices then rebate_amount_group end as rebate_amount_group,
    case when has_invoices then net_revenue_group end as net_revenue_group,
    case when booked_lines_count > 0 then cogs_amount_group end as cogs_amount_group,
    case when costed_lines_count > 0 then landed_cogs_amount_group end as landed_cogs_amount_group,
    case when costed_lines_count > 0 then landed_part_cost_group end as landed_part_cost_group,
    costed_lines_count,
    landed_lines_count,
    cogs_basis,
    case when has_invoices then cast(net_revenue_group - costed_net_revenue_group as decimal(18, 4)) end
        as uncosted_net_revenue_group,
    cast(gross_profit_group as decimal(18, 4)) as gross_profit_group,
    freight_charges_count,
    freight_unpriced_count,
    case when has_freight then freight_amount_group end as freight_amount_group,
    case when has_freight then 'charges for one entity; the rest is unassigned' else 'no freight charge in the sources' end
        as freight_basis,
    sample_lines_count,
    sample_uncosted_count,
    case when sample_lines_count = 0 or sample_lines_count > sample_uncosted_count then sample_cost_group end
        as sample_cost_group,
    case when has_activity_cost then activity_cost_group end as activity_cost_group,
    case
        when has_activity_cost and has_computed_activities then 'time equations and capacity cost rates'
        when has_activity_cost then 'stated by finance per activity'
        else 'not yet measured'
    end as activity_cost_basis,
    case when has_working_capital_charge then working_capital_charge_group end as working_capital_charge_group,
    case when has_working_capital_charge then 'stated by finance' else 'not yet measured' end as working_capital_charge_basis,
    case when has_bad_debt then bad_debt_group end as bad_debt_group,
    case when has_bad_debt then 'stated by finance' else 'not yet measured' end as bad_debt_basis,
    activity_unpriced_count,
    cast(gross_profit_group - cost_to_serve_group as decimal(18, 4)) as net_to_serve_group,
    cogs_basis || '; ' || cost_to_serve_basis as net_to_serve_basis,
    null_reason
from final
