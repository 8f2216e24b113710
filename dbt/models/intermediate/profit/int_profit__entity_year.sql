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
        {% for name in ['goods_lines', 'costed_lines', 'below_cost_lines'] -%}
        cast(sum({{ name }}_count) as bigint) as {{ name }}_count,
        {% endfor -%}
        {% for name in [
            'gross_amount', 'discount_amount', 'freight_recovered_amount', 'net_amount', 'rebate_amount',
            'net_revenue', 'costed_net_revenue', 'cogs_amount', 'freight_amount'
        ] -%}
        cast(sum({{ name }}_group) as decimal(18, 4)) as {{ name }}_group{{ ',' if not loop.last }}
        {% endfor %}
    from year_rows
    group by entity_id

),

final as (

    select
        years.entity_id,
        years.goods_lines_count,
        years.costed_lines_count,
        years.below_cost_lines_count,
        years.gross_amount_group,
        years.discount_amount_group,
        case when coverage.has_freight_account then years.freight_recovered_amount_group end as freight_recovered_amount_group,
        years.net_amount_group,
        years.rebate_amount_group,
        years.net_revenue_group,
        years.costed_net_revenue_group,
        years.cogs_amount_group,
        case when coverage.has_freight then years.freight_amount_group end as freight_amount_group,
        cast({{ gross_profit('years') }} as decimal(18, 4)) as gross_profit_group,
        cast({{ gross_profit('years') }} - years.freight_amount_group as decimal(18, 4)) as net_to_serve_group,
        {{ net_to_serve_basis('coverage') }} as net_to_serve_basis,
        {{ profit_null_reason('years', 'coverage') }} as null_reason
    from years
    cross join coverage
    left join excluded on years.entity_id = excluded.entity_id
    -- Without an invoice a profit would be freight alone; unassigned and excluded are no customers.
    where coverage.has_invoices
        and excluded.entity_id is null
        and years.entity_id <> '-1'

)

select * from final
