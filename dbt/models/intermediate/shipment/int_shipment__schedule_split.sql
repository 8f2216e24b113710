{{ config(materialized=large_table(), unique_key=['order_id'], touched='int_touched__order') }}

with

pieces as (

    select
        order_id,
        order_line_no as line_no,
        shipment_id,
        line_no as shipment_line_no,
        shipped_base_qty,
        departed_at
    from {{ ref('int_shipment__line') }}
    where schedule_no is null
        and order_line_no is not null
        {{ only_touched('order_id', 'int_touched__order', 'order_id', word='and') }}

),

schedules as (

    select orders.order_id, orders.line_no, orders.schedule_no, orders.ordered_base_qty, orders.due_last_at
    from {{ ref('int_order__line') }} as orders
    inner join (select distinct order_id, line_no from pieces) as split
        on orders.order_id = split.order_id
        and orders.line_no = split.line_no

),

shipped_in_turn as (

    select
        pieces.*,
        sum(coalesce(shipped_base_qty, 0)) over (
            partition by order_id, line_no
            order by departed_at nulls last, shipment_id, shipment_line_no
            rows between unbounded preceding and current row
        ) as until_qty
    from pieces

),

ordered_in_turn as (

    select
        schedules.*,
        sum(ordered_base_qty) over (
            partition by order_id, line_no
            order by due_last_at nulls last, schedule_no
            rows between unbounded preceding and current row
        ) as until_qty,
        row_number() over (
            partition by order_id, line_no
            order by due_last_at desc nulls first, schedule_no desc
        ) as turn_from_last
    from schedules

),

shares as (

    -- What was shipped first fills the schedule line that is due first; a surplus stays on the last.
    select
        shipped_in_turn.order_id,
        shipped_in_turn.line_no,
        ordered_in_turn.schedule_no,
        shipped_in_turn.shipment_id,
        shipped_in_turn.shipment_line_no,
        cast(
            case when shipped_in_turn.shipped_base_qty is not null then
                greatest(
                    case
                        when ordered_in_turn.turn_from_last = 1 then shipped_in_turn.until_qty
                        else least(shipped_in_turn.until_qty, ordered_in_turn.until_qty)
                    end
                    - greatest(
                        shipped_in_turn.until_qty - shipped_in_turn.shipped_base_qty,
                        ordered_in_turn.until_qty - ordered_in_turn.ordered_base_qty
                    ),
                    0
                )
            end as decimal(18, 6)
        ) as shipped_base_qty
    from shipped_in_turn
    inner join ordered_in_turn
        on shipped_in_turn.order_id = ordered_in_turn.order_id
        and shipped_in_turn.line_no = ordered_in_turn.line_no

)

select * from shares where shipped_base_qty is null or shipped_base_qty > 0
