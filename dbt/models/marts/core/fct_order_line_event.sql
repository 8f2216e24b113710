{{ config(materialized=large_table(), unique_key=['order_id'], touched='int_touched__order') }}

with

events as (

    select * from {{ ref('int_order__line_event') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}

),

order_lines as (

    select order_id, line_no, schedule_no, customer_id, entity_id, product_id from {{ ref('int_order__line') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}

),

final as (

    select
        events.order_id,
        events.line_no,
        events.schedule_no,
        events.event_no,
        events.revision,
        events.event_type,
        events.event_at,
        order_lines.customer_id,
        order_lines.entity_id,
        order_lines.product_id,
        events.changed_by,
        events.reason,
        events.old_due_at,
        events.new_due_at,
        events.old_base_qty,
        events.new_base_qty,
        events.known_at
    from events
    inner join order_lines
        on events.order_id = order_lines.order_id
        and events.line_no = order_lines.line_no
        and events.schedule_no = order_lines.schedule_no

)

select * from final
