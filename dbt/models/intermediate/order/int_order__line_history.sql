{%- set family = 'partition by order_id, origin_line_no, product_id, is_free' -%}
{{ config(materialized=large_table(), unique_key=['order_id'], touched='int_touched__order') }}

with

lines as (

    select * from {{ ref('stg_erp__sales_order_line') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}

),

unit_factors as (

    select product_id, uom, factor from {{ ref('int_product__unit_factor') }}

),

revised_origins as (

    select distinct order_id, coalesce(parent_line_no, line_no) as origin_line_no
    from lines
    where revision > 1

),

revised as (

    -- What was split off a revised line belongs to its history, even where it counts its own revisions.
    select lines.order_id, lines.line_no, lines.schedule_no, max(lines.revision) as newest_revision
    from lines
    left join revised_origins
        on lines.order_id = revised_origins.order_id
        and coalesce(lines.parent_line_no, lines.line_no) = revised_origins.origin_line_no
    where lines.revision > 1
        or (lines.revised_at is not null and revised_origins.order_id is not null)
    group by lines.order_id, lines.line_no, lines.schedule_no

),

revisions as (

    select
        lines.order_id,
        lines.line_no,
        lines.schedule_no,
        lines.revision,
        coalesce(lines.parent_line_no, lines.line_no) as origin_line_no,
        lines.product_id,
        case when lines.net_price = 0 then 1 else 0 end as is_free,
        revised.newest_revision,
        lines._known_at as known_at,
        coalesce(lines.first_confirmed_at, lines.confirmed_at) as first_confirmed_at,
        lines.confirmed_at,
        lines.promise_change_by,
        lines.cancelled_by,
        lines.cancelled_at,
        lines.cancel_cutoff_at,
        lines.revised_at,
        -- A promise is re-based for the customer only where the source says why.
        coalesce(
            lines.promise_change_by = 'CUSTOMER'
            and lines.promise_change_reason is not null
            and lines.confirmed_at is not null,
            false
        ) as is_rebased,
        {{ base_quantity('lines.ordered_qty', 'unit_factors.factor') }} as ordered_base_qty,
        {{ base_quantity('lines.first_confirmed_qty', 'unit_factors.factor') }} as first_confirmed_base_qty,
        {{ base_quantity('coalesce(lines.cancelled_qty, 0)', 'unit_factors.factor') }} as cancelled_base_qty
    from lines
    inner join revised
        on lines.order_id = revised.order_id
        and lines.line_no = revised.line_no
        and lines.schedule_no = revised.schedule_no
    left join unit_factors
        on lines.product_id = unit_factors.product_id
        and lines.uom = unit_factors.uom

),

cancellations as (

    select
        revisions.*,
        cancelled_base_qty - coalesce(
            lag(cancelled_base_qty) over (
                partition by order_id, line_no, schedule_no
                order by revision
            ),
            0
        ) as newly_cancelled_base_qty
    from revisions

),

basis as (

    -- The revision that made the promise which counts as the first one.
    select
        order_id,
        line_no,
        schedule_no,
        coalesce(
            max(case when is_rebased then revision end),
            min(case when first_confirmed_at is not null then revision end),
            min(revision)
        ) as basis_revision,
        min(revision) as first_revision
    from revisions
    group by order_id, line_no, schedule_no

),

resized as (

    select distinct order_id
    from revisions
    group by order_id, line_no, schedule_no
    having max(ordered_base_qty) > min(ordered_base_qty)

),

promises as (

    -- Only where some line lost quantity can another have been split off.
    select
        change.order_id,
        change.line_no,
        change.schedule_no,
        change.origin_line_no,
        change.product_id,
        change.is_free,
        basis.first_revision,
        coalesce(born.revised_at, cast('1900-01-01 00:00:00' as timestamp)) as born_at,
        made.first_confirmed_at,
        made.ordered_base_qty as basis_base_qty,
        greatest(made.ordered_base_qty - change.ordered_base_qty, 0) as shrunk_base_qty
    from revisions as change
    inner join resized on change.order_id = resized.order_id
    inner join basis
        on change.order_id = basis.order_id
        and change.line_no = basis.line_no
        and change.schedule_no = basis.schedule_no
    inner join revisions as made
        on basis.order_id = made.order_id
        and basis.line_no = made.line_no
        and basis.schedule_no = made.schedule_no
        and basis.basis_revision = made.revision
    inner join revisions as born
        on basis.order_id = born.order_id
        and basis.line_no = born.line_no
        and basis.schedule_no = born.schedule_no
        and basis.first_revision = born.revision
    where change.revision = change.newest_revision

),

families as (

    -- Lines of one article under one origin; what was born later than the first of them is split off.
    select
        promises.*,
        first_revision > min(first_revision) over ({{ family }})
        or born_at > min(born_at) over ({{ family }}) as is_split_off
    from promises

),

moves as (

    -- What one line lost and a later one has was moved, not ordered twice: least of the two totals.
    select
        families.*,
        sum(shrunk_base_qty) over ({{ family }}) as lost_base_qty,
        sum(case when is_split_off then basis_base_qty else 0 end) over ({{ family }}) as born_base_qty,
        min(case when not is_split_off and shrunk_base_qty > 0 then first_confirmed_at end) over ({{ family }})
            as origin_confirmed_at,
        sum(shrunk_base_qty) over (
            {{ family }}
            order by line_no, schedule_no
            rows between unbounded preceding and current row
        ) - shrunk_base_qty as lost_before_base_qty
    from families

),

splits as (

    select
        order_id,
        line_no,
        schedule_no,
        least(
            shrunk_base_qty,
            greatest(least(lost_base_qty, born_base_qty) - lost_before_base_qty, 0)
        ) as moved_base_qty,
        case when is_split_off and born_base_qty <= lost_base_qty then origin_confirmed_at end as origin_confirmed_at
    from moves
    where lost_base_qty > 0
        and born_base_qty > 0

),

history as (

    select
        change.order_id,
        change.line_no,
        change.schedule_no,
        change.newest_revision,
        min(change.known_at) as known_at,
        max(case when change.revision = basis.basis_revision and change.is_rebased then true else false end)
            as is_first_rebased,
        max(
            case
                when change.revision = basis.basis_revision and change.is_rebased then change.confirmed_at
                when change.revision = basis.basis_revision
                    then coalesce(splits.origin_confirmed_at, change.first_confirmed_at)
            end
        ) as first_confirmed_at,
        cast(
            max(
                case
                    when change.revision = basis.basis_revision
                        then change.ordered_base_qty - coalesce(splits.moved_base_qty, 0)
                end
            ) as decimal(18, 6)
        ) as basis_base_qty,
        cast(
            sum(
                case
                    when change.cancelled_by = 'CUSTOMER' and {{ cancelled_in_time('change', 'change.revised_at') }}
                        then change.newly_cancelled_base_qty
                    else 0
                end
            ) as decimal(18, 6)
        ) as customer_cancelled_in_time_base_qty,
        cast(
            sum(
                case
                    when change.cancelled_by = 'CUSTOMER'
                        and not {{ cancelled_in_time('change', 'change.revised_at') }}
                        then change.newly_cancelled_base_qty
                    else 0
                end
            ) as decimal(18, 6)
        ) as customer_cancelled_late_base_qty,
        cast(
            sum(
                case when coalesce(change.cancelled_by, 'SELLER') = 'SELLER' then change.newly_cancelled_base_qty else 0 end
            ) as decimal(18, 6)
        ) as seller_cancelled_base_qty,
        cast(count(case when change.promise_change_by = 'CUSTOMER' then 1 end) as bigint) as customer_promise_change_count,
        cast(count(case when change.promise_change_by = 'SELLER' then 1 end) as bigint) as seller_promise_change_count
    from cancellations as change
    inner join basis
        on change.order_id = basis.order_id
        and change.line_no = basis.line_no
        and change.schedule_no = basis.schedule_no
    left join splits
        on change.order_id = splits.order_id
        and change.line_no = splits.line_no
        and change.schedule_no = splits.schedule_no
    group by change.order_id, change.line_no, change.schedule_no, change.newest_revision

)

select * from history
