{{ config(materialized=large_table(), unique_key=['order_id'], touched='int_touched__order') }}

with

lines as (

    select * from {{ ref('stg_erp__sales_order_line') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}

),

order_lines as (

    select order_id, line_no, schedule_no, unit_factor, ordered_at
    from {{ ref('int_order__line') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}

),

changed_lines as (

    -- Most lines are never touched again; they have no history to tell.
    select distinct order_id, line_no, schedule_no
    from lines
    where revision > 1
        or cancelled_qty > 0

),

revisions as (

    select
        lines.order_id,
        lines.line_no,
        lines.schedule_no,
        lines.revision,
        lines.ordered_qty,
        coalesce(lines.cancelled_qty, 0) as cancelled_qty,
        lines.confirmed_at,
        lines.promise_change_by,
        lines.promise_change_reason,
        lines.cancelled_by,
        lines.cancelled_at,
        lines.cancel_reason,
        coalesce(lines.revised_at, order_lines.ordered_at) as revised_at,
        order_lines.unit_factor,
        lines._known_at as known_at,
        lag(lines.revision) over line_history as old_revision,
        lag(lines.ordered_qty) over line_history as old_ordered_qty,
        coalesce(lag(lines.cancelled_qty) over line_history, 0) as old_cancelled_qty,
        lag(lines.confirmed_at) over line_history as old_confirmed_at
    from lines
    inner join changed_lines
        on lines.order_id = changed_lines.order_id
        and lines.line_no = changed_lines.line_no
        and lines.schedule_no = changed_lines.schedule_no
    inner join order_lines
        on lines.order_id = order_lines.order_id
        and lines.line_no = order_lines.line_no
        and lines.schedule_no = order_lines.schedule_no
    window line_history as (
        partition by lines.order_id, lines.line_no, lines.schedule_no
        order by lines.revision
    )

),

events as (

    select
        order_id,
        line_no,
        schedule_no,
        revision,
        case when old_confirmed_at is null then 'FIRST_CONFIRMED' else 'PROMISE_MOVED' end as event_type,
        1 as event_rank,
        revised_at as event_at,
        promise_change_by as changed_by,
        promise_change_reason as reason,
        old_confirmed_at as old_due_at,
        confirmed_at as new_due_at,
        cast(null as decimal(18, 6)) as old_base_qty,
        cast(null as decimal(18, 6)) as new_base_qty,
        known_at,
        cast(null as {{ dbt.type_string() }}) as imputed_rules
    from revisions
    where confirmed_at is not null
        and (old_confirmed_at is null or confirmed_at <> old_confirmed_at)

    union all

    select
        order_id,
        line_no,
        schedule_no,
        revision,
        'QUANTITY_CHANGED',
        2,
        revised_at,
        promise_change_by,
        promise_change_reason,
        null,
        null,
        {{ base_quantity('old_ordered_qty', 'unit_factor') }},
        {{ base_quantity('ordered_qty', 'unit_factor') }},
        known_at,
        null
    from revisions
    where old_ordered_qty <> ordered_qty

    union all

    select
        order_id,
        line_no,
        schedule_no,
        revision,
        'CANCELLED',
        3,
        coalesce(cancelled_at, revised_at),
        cancelled_by,
        cancel_reason,
        null,
        null,
        {{ base_quantity('ordered_qty - old_cancelled_qty', 'unit_factor') }},
        {{ base_quantity('ordered_qty - cancelled_qty', 'unit_factor') }},
        known_at,
        {{ imputed_rules({'CANCELLED_AT_REVISION': 'cancelled_at is null'}) }}
    from revisions
    where cancelled_qty <> old_cancelled_qty

),

numbered as (

    select
        order_id,
        line_no,
        schedule_no,
        cast(
            row_number() over (partition by order_id, line_no, schedule_no order by revision, event_rank) as bigint
        ) as event_no,
        revision,
        event_type,
        event_at,
        changed_by,
        reason,
        old_due_at,
        new_due_at,
        old_base_qty,
        new_base_qty,
        known_at,
        imputed_rules
    from events

)

select * from numbered
