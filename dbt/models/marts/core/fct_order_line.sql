{{ config(materialized=large_table(), unique_key=['order_id'], touched='int_touched__order_segment') }}

with

order_lines as (

    select * from {{ ref('int_order__line') }}
    {{ only_touched('order_id', 'int_touched__order_segment', 'order_id') }}

),

fulfilment as (

    select * from {{ ref('int_order__line_fulfilment') }}
    {{ only_touched('order_id', 'int_touched__order_segment', 'order_id') }}

),

frozen_days as (

    {{ frozen_days() }}

),

final as (

    select
        order_lines.order_id,
        order_lines.line_no,
        order_lines.schedule_no,
        order_lines.revision,
        order_lines.order_type,
        order_lines.channel,
        order_lines.customer_id,
        order_lines.bill_to_customer_id,
        order_lines.payer_customer_id,
        order_lines.entity_id,
        order_lines.ship_to_site_id,
        order_lines.ship_from_site_id,
        order_lines.sales_org,
        order_lines.product_id,
        order_lines.line_role,
        order_lines.parent_line_no,
        order_lines.contract_id,
        order_lines.ordered_at,
        order_lines.ordered_date,
        order_lines.due_req_at,
        order_lines.due_first_at,
        order_lines.due_last_at,
        order_lines.promised_ship_at,
        order_lines.uom,
        order_lines.unit_factor,
        order_lines.ordered_qty,
        order_lines.ordered_base_qty,
        order_lines.first_confirmed_base_qty,
        order_lines.confirmed_base_qty,
        order_lines.countable_base_qty,
        order_lines.cancelled_base_qty,
        order_lines.customer_cancelled_in_time_base_qty,
        order_lines.customer_cancelled_late_base_qty,
        order_lines.seller_cancelled_base_qty,
        cast(coalesce(fulfilment.shipped_base_qty, 0) as decimal(18, 6)) as shipped_base_qty,
        -- Below zero where more was shipped than ordered; nothing is hidden by cutting it off.
        cast(
            order_lines.ordered_base_qty
            - order_lines.cancelled_base_qty
            - coalesce(fulfilment.shipped_base_qty, 0) as decimal(18, 6)
        ) as open_base_qty,
        cast(coalesce(fulfilment.unquantified_piece_count, 0) > 0 as boolean) as is_shipped_qty_unknown,
        order_lines.cancelled_by,
        order_lines.cancelled_at,
        order_lines.is_cancelled,
        order_lines.list_price,
        order_lines.net_price,
        order_lines.currency,
        order_lines.fx_rate_to_group,
        order_lines.gross_amount,
        order_lines.discount_amount,
        order_lines.net_amount,
        order_lines.net_amount_group,
        order_lines.fulfilment_mode,
        order_lines.is_bill_and_hold,
        order_lines.is_partial_allowed,
        order_lines.priority_code,
        order_lines.is_first_rebased,
        order_lines.seller_promise_change_count,
        order_lines.customer_promise_change_count,
        order_lines.known_at,
        coalesce(order_lines.known_at > frozen_day.frozen_at, false) as is_late_for_closed_period,
        {{ segment_key_or_unknown('at_order', 'order_lines.entity_id') }} as segment_at_order_key,
        {{ segment_key_or_unknown('at_event', 'order_lines.entity_id') }} as segment_at_event_key,
        {{ segment_key_or_unknown('at_present', 'order_lines.entity_id') }} as segment_current_key
    from order_lines
    left join fulfilment
        on order_lines.order_id = fulfilment.order_id
        and order_lines.line_no = fulfilment.line_no
        and order_lines.schedule_no = fulfilment.schedule_no
    left join frozen_days as frozen_day on order_lines.ordered_date = frozen_day.calendar_date
    {{ segment_asof('order_lines.entity_id', 'order_lines.ordered_date', 'at_order') }}
    {{ segment_asof('order_lines.entity_id', 'coalesce(fulfilment.first_departed_date, order_lines.ordered_date)', 'at_event') }}
    {{ segment_asof('order_lines.entity_id', as_of(), 'at_present') }}

)

select * from final
