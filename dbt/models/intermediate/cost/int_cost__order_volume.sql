{{ config(
    materialized=large_table(),
    unique_key=['order_id', 'cost_date', 'entity_id'],
    touched='int_touched__order'
) }}
{%- set drivers = order_drivers() -%}

with

orders as (

    select
        order_id,
        ordered_date,
        coalesce(entity_id, '-1') as entity_id,
        case when channel in ('EMAIL', 'PHONE', 'REP') then 1 else 0 end as is_manual,
        case when channel = 'EDI' then 1 else 0 end as is_edi,
        case when order_type = 'RUSH' then 1 else 0 end as is_rush
    from {{ ref('int_order__header') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}

),

lines as (

    select order_id, count(*) as lines_count
    from {{ ref('int_order__line') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}
    group by order_id

),

changes as (

    select order_id, cast(event_at as date) as changed_date, count(*) as changes_count
    from {{ ref('int_order__line_event') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}
    group by order_id, cast(event_at as date)

),

shipped as (

    -- An order that leaves in several parts, or from several places, is handled as often.
    select
        line.order_id,
        line.departed_date,
        coalesce(line.entity_id, '-1') as entity_id,
        count(distinct line.shipment_id) as shipments_count,
        count(*) as lines_count,
        sum(case when article.is_hazmat then 1 else 0 end) as hazmat_count
    from {{ ref('int_shipment__line') }} as line
    left join {{ ref('int_product__article') }} as article on line.product_id = article.product_id
    where line.departed_date is not null
        {{ only_touched('line.order_id', 'int_touched__order', 'order_id', word='and') }}
    group by 1, 2, 3

),

events as (

    select
        orders.order_id,
        orders.ordered_date as cost_date,
        orders.entity_id,
        {{ driver_counts(drivers, {
            'order': '1',
            'manual_order': 'orders.is_manual',
            'edi_order': 'orders.is_edi',
            'rush_order': 'orders.is_rush',
            'order_line': 'lines.lines_count',
            'manual_order_line': 'orders.is_manual * lines.lines_count'
        }) }}
    from orders
    inner join lines on orders.order_id = lines.order_id
    where orders.ordered_date is not null

    union all

    select
        orders.order_id,
        changes.changed_date,
        orders.entity_id,
        {{ driver_counts(drivers, {'order_change': 'changes.changes_count'}) }}
    from changes
    inner join orders on changes.order_id = orders.order_id
    inner join lines on orders.order_id = lines.order_id
    where changes.changed_date is not null

    union all

    select
        order_id,
        departed_date,
        entity_id,
        {{ driver_counts(drivers, {'shipment': 'shipments_count', 'shipment_line': 'lines_count', 'hazmat_line': 'hazmat_count'}) }}
    from shipped

)

select
    order_id,
    cost_date,
    entity_id,
    {% for name in drivers -%}
    cast(sum({{ name }}_qty) as bigint) as {{ name }}_qty{{ ',' if not loop.last }}
    {% endfor %}
from events
group by order_id, cost_date, entity_id
