{#- A view: it is read once, and samples are few. -#}
{{ config(materialized='view') }}
{%- set group_currency = "'" ~ var('group_currency') ~ "'" -%}

with

sample_orders as (

    select order_id from {{ ref('int_order__header') }} where order_type = 'SAMPLE'

),

shipped as (

    select
        line.shipment_id,
        line.line_no,
        line.order_id,
        line.order_line_no,
        coalesce(line.entity_id, '-1') as entity_id,
        coalesce(line.substituted_product_id, line.product_id) as product_id,
        line.from_site_id,
        coalesce(line.departed_date, line.delivered_date) as shipped_date,
        line.shipped_base_qty
    from {{ ref('int_shipment__line') }} as line
    inner join sample_orders on line.order_id = sample_orders.order_id
    where coalesce(line.departed_date, line.delivered_date) is not null
        and line.shipped_base_qty > 0

),

invoiced as (

    select distinct order_id, order_line_no
    from {{ ref('int_invoice__line') }}
    where order_id in (select sample_orders.order_id from sample_orders)

),

-- An invoice line that names no order line is for all of the order.
uninvoiced as (

    select shipped.*
    from shipped
    left join invoiced
        on shipped.order_id = invoiced.order_id
        and coalesce(shipped.order_line_no, -1) = coalesce(invoiced.order_line_no, shipped.order_line_no, -1)
    where invoiced.order_id is null

),

products as (

    select product_id, product_family from {{ ref('int_product__article') }}

),

unit_factors as (

    select product_id, uom, factor from {{ ref('int_product__unit_factor') }}

),

rates as (

    select from_currency, rate_date, rate
    from {{ ref('int_currency__rate') }}
    where to_currency = {{ group_currency }}

),

standard_costs as (

    select
        uninvoiced.shipment_id,
        uninvoiced.line_no,
        max({{ safe_divide(
            in_group_currency('cost.amount', 'cost.currency'), 'unit_factors.factor'
        ) }}) as unit_cost
    from uninvoiced
    inner join {{ ref('stg_erp__item_cost') }} as cost
        on uninvoiced.product_id = cost.product_id
        and uninvoiced.from_site_id = cost.site_id
        and uninvoiced.shipped_date >= cost.valid_from
        and uninvoiced.shipped_date < coalesce(cost.valid_to, cast('9999-12-31' as date))
    left join unit_factors
        on cost.product_id = unit_factors.product_id
        and cost.per_uom = unit_factors.uom
    left join rates
        on cost.currency = rates.from_currency
        and uninvoiced.shipped_date = rates.rate_date
    where cost.cost_type = 'STANDARD'
    group by uninvoiced.shipment_id, uninvoiced.line_no

),

final as (

    select
        uninvoiced.shipment_id,
        uninvoiced.line_no,
        uninvoiced.entity_id,
        coalesce(products.product_family, '-1') as product_family,
        uninvoiced.shipped_date,
        case
            when average.product_id is not null then 'LANDED'
            when standard.unit_cost is not null then 'STANDARD'
        end as cost_method,
        {{ money(times(
            'coalesce(average.average_unit_cost_group, cast(standard.unit_cost as decimal(18, 6)))',
            'uninvoiced.shipped_base_qty'
        )) }} as cost_amount_group
    from uninvoiced
    left join products on uninvoiced.product_id = products.product_id
    left join {{ ref('int_profit__landed_average') }} as average
        on uninvoiced.product_id = average.product_id
        and uninvoiced.from_site_id = average.site_id
        and uninvoiced.shipped_date >= average.valid_from
        and uninvoiced.shipped_date < average.valid_to
    left join standard_costs as standard
        on uninvoiced.shipment_id = standard.shipment_id
        and uninvoiced.line_no = standard.line_no

)

select * from final
