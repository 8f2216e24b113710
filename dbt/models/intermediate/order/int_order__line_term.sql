{{ config(materialized=large_table(), unique_key=['order_id'], touched='int_touched__order') }}

with

lines as (

    select order_id, line_no, schedule_no, revision, product_id from {{ ref('stg_erp__sales_order_line') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}

),

orders as (

    select order_id, contract_id, ordered_date, ship_to_site_id from {{ ref('int_order__header') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}

),

products as (

    select product_id, family from {{ ref('stg_erp__product') }}

),

terms as (

    select * from {{ ref('int_order__service_term') }}
    where not is_general

),

orders_in_question as (

    select
        orders.order_id,
        terms.product_scope,
        terms.precedence
    from orders
    inner join terms
        on orders.contract_id = terms.contract_id
        and orders.ordered_date >= terms.valid_from
        and orders.ordered_date < terms.valid_to
    where terms.site_scope is null
        or terms.site_scope = orders.ship_to_site_id

),

decided as (

    select
        lines.order_id,
        lines.line_no,
        lines.schedule_no,
        lines.revision,
        min(orders_in_question.precedence) as precedence
    from lines
    inner join orders_in_question on lines.order_id = orders_in_question.order_id
    inner join products on lines.product_id = products.product_id
    where orders_in_question.product_scope is null
        or orders_in_question.product_scope in (products.product_id, products.family)
    group by lines.order_id, lines.line_no, lines.schedule_no, lines.revision

)

select * from decided
