{{ config(materialized=large_table(), unique_key=['order_id'], touched='int_touched__order_segment') }}

with

shipment_lines as (

    select * from {{ ref('int_shipment__line') }}
    {{ only_touched('order_id', 'int_touched__order_segment', 'order_id') }}

),

orders as (

    select order_id, ordered_date from {{ ref('int_order__header') }}
    {{ only_touched('order_id', 'int_touched__order_segment', 'order_id') }}

),

frozen_days as (

    {{ frozen_days() }}

),

final as (

    select
        line.shipment_id,
        line.line_no,
        line.order_id,
        line.order_line_no,
        line.schedule_no,
        line.customer_id,
        line.entity_id,
        line.product_id,
        line.substituted_product_id,
        line.from_site_id,
        line.to_site_id,
        line.carrier_id,
        line.load_id,
        line.uom,
        line.unit_factor,
        line.shipped_qty,
        line.shipped_base_qty,
        line.picked_base_qty,
        line.short_base_qty,
        line.short_reason,
        line.lot,
        line.departed_at,
        line.departed_date,
        line.delivered_at,
        line.delivered_date,
        line.delivered_by_event,
        line.is_clock_skewed,
        line.has_duplicate_delivery,
        line.known_at,
        coalesce(line.known_at > frozen_day.frozen_at, false) as is_late_for_closed_period,
        {{ segment_key_or_unknown('at_order', 'line.entity_id', 'orders.ordered_date') }} as segment_at_order_key,
        {{ segment_key_or_unknown('at_event', 'line.entity_id') }} as segment_at_event_key,
        {{ segment_key_or_unknown('at_present', 'line.entity_id') }} as segment_current_key
    from shipment_lines as line
    left join orders on line.order_id = orders.order_id
    left join frozen_days as frozen_day on line.departed_date = frozen_day.calendar_date
    {{ segment_asof('line.entity_id', 'orders.ordered_date', 'at_order') }}
    {{ segment_asof('line.entity_id', 'coalesce(line.departed_date, orders.ordered_date)', 'at_event') }}
    {{ segment_asof('line.entity_id', as_of(), 'at_present') }}

)

select * from final
