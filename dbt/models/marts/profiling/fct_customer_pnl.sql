with

customer_periods as (

    select * from {{ ref('int_profit__customer_period') }}

),

coverage as (

    select * from {{ ref('int_profit__coverage') }}

),

excluded as (

    select distinct entity_id from {{ ref('int_customer__segmentation_entity') }} where is_excluded

),

pnl as (

    -- Whether earned in the last year matters to the yearly marts only.
    select
        entity_id,
        product_family,
        fiscal_period_id,
        {% for name in [
            'invoice_lines', 'goods_lines', 'costed_lines', 'below_cost_lines', 'freight_charges', 'freight_unpriced'
        ] -%}
        cast(sum({{ name }}_count) as bigint) as {{ name }}_count,
        {% endfor -%}
        {% for name in [
            'gross_amount', 'discount_amount', 'freight_recovered_amount', 'net_amount', 'rebate_amount',
            'net_revenue', 'costed_net_revenue', 'cogs_amount', 'freight_amount'
        ] -%}
        cast(sum({{ name }}_group) as decimal(18, 4)) as {{ name }}_group{{ ',' if not loop.last }}
        {% endfor %}
    from customer_periods
    group by entity_id, product_family, fiscal_period_id

),

final as (

    select
        pnl.*,
        coverage.has_invoices,
        coverage.has_freight,
        coverage.has_freight_account,
        excluded.entity_id is not null as is_excluded,
        case when coverage.has_invoices then {{ gross_profit('pnl') }} end as gross_profit_group,
        {{ net_to_serve_basis('coverage') }} as net_to_serve_basis,
        {{ profit_null_reason('pnl', 'coverage') }} as null_reason
    from pnl
    cross join coverage
    left join excluded on pnl.entity_id = excluded.entity_id

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
    case when costed_lines_count > 0 then cogs_amount_group end as cogs_amount_group,
    'standard cost stated on the invoice line; landed cost not yet measured' as cogs_basis,
    case when has_invoices then cast(net_revenue_group - costed_net_revenue_group as decimal(18, 4)) end
        as uncosted_net_revenue_group,
    cast(gross_profit_group as decimal(18, 4)) as gross_profit_group,
    freight_charges_count,
    freight_unpriced_count,
    case when has_freight then freight_amount_group end as freight_amount_group,
    case when has_freight then 'charges for one entity; the rest is unassigned' else 'no freight charge in the sources' end
        as freight_basis,
    cast(null as decimal(18, 4)) as activity_cost_group,
    cast(null as decimal(18, 4)) as working_capital_charge_group,
    cast(null as decimal(18, 4)) as bad_debt_group,
    'not yet measured' as activity_cost_basis,
    cast(gross_profit_group - freight_amount_group as decimal(18, 4)) as net_to_serve_group,
    net_to_serve_basis,
    null_reason
from final
