{{ config(materialized=large_table(), unique_key=['order_id'], touched='int_touched__order') }}

with

lines as (

    select * from {{ ref('stg_erp__sales_order_line') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}

),

unit_factors as (

    select product_id, uom, factor from {{ ref('int_product__unit_factor') }}

),

revised as (

    select order_id, line_no, schedule_no, max(revision) as newest_revision
    from lines
    where revision > 1
    group by order_id, line_no, schedule_no

),

revisions as (

    select
        lines.order_id,
        lines.line_no,
        lines.schedule_no,
        lines.revision,
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
        ) as basis_revision
    from revisions
    group by order_id, line_no, schedule_no

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
                when change.revision = basis.basis_revision then change.first_confirmed_at
            end
        ) as first_confirmed_at,
        max(case when change.revision = basis.basis_revision then change.ordered_base_qty end)
            as basis_base_qty,
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
    group by change.order_id, change.line_no, change.schedule_no, change.newest_revision

)

select * from history
