{#- Which orders its returns were for is read from this table before it changes. -#}
-- depends_on: {{ ref('int_touched__order_segment') }}

with

returns as (

    select
        *,
        coalesce(order_id, '-2') as order_key
    from {{ ref('stg_wms__return') }}

),

lines as (

    select * from {{ ref('stg_wms__return_line') }}

),

orders as (

    select order_id, customer_id, entity_id, currency from {{ ref('int_order__header') }}

),

entities as (

    select customer_id, entity_id, former_entity_id, former_until_date
    from {{ ref('int_customer__segmentation_entity') }}

),

invoices as (

    select invoice_id, currency from {{ ref('stg_erp__invoice') }}

),

unit_factors as (

    select product_id, uom, factor from {{ ref('int_product__unit_factor') }}

),

rates as (

    select from_currency, rate_date, rate
    from {{ ref('int_currency__rate') }}
    where to_currency = '{{ var("group_currency") }}'

),

matched as (

    select
        lines.return_id,
        lines.line_no,
        returns.order_key as order_id,
        lines.order_line_no,
        returns.invoice_id,
        returns.customer_id,
        {{ entity_on('entities', 'returns.received_at') }} as entity_id,
        lines.product_id,
        returns.received_at,
        cast(returns.received_at as date) as received_date,
        returns.reason,
        returns.disposition,
        lines.uom,
        lines.returned_qty,
        {{ base_quantity('lines.returned_qty', 'unit_factors.factor') }} as returned_base_qty,
        coalesce(invoices.currency, orders.currency) as currency,
        lines.credit_amount,
        returns.order_id is not null and orders.order_id is null as is_order_unknown,
        lines._known_at as known_at
    from lines
    inner join returns on lines.return_id = returns.return_id
    left join orders on returns.order_key = orders.order_id
    left join entities on returns.customer_id = entities.customer_id
    left join invoices on returns.invoice_id = invoices.invoice_id
    left join unit_factors
        on lines.product_id = unit_factors.product_id
        and lines.uom = unit_factors.uom

),

final as (

    select
        matched.*,
        {{ money(in_group_currency('matched.credit_amount', 'matched.currency')) }} as credit_amount_group
    from matched
    left join rates
        on matched.currency = rates.from_currency
        and matched.received_date = rates.rate_date

)

select * from final
