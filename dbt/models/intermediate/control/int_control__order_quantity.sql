{{ config(materialized='view') }}

with

limits as (

    select {{ gate_limit('R-09', 'over_delivery_share') }} as over_delivery_share

),

-- Read twice, which costs less than to keep a copy of all lines for the few that are broken.
lines as {{ streamed() }} (

    select
        line.order_id,
        line.line_no,
        line.schedule_no,
        line.ordered_base_qty,
        line.shipped_base_qty + line.open_base_qty + line.cancelled_base_qty as explained_base_qty,
        line.shipped_base_qty,
        line.cancelled_base_qty,
        line.ordered_base_qty <> line.shipped_base_qty + line.open_base_qty + line.cancelled_base_qty
        or line.cancelled_base_qty > line.ordered_base_qty
        or line.open_base_qty < -1 * abs(line.ordered_base_qty) * limits.over_delivery_share as is_broken
    from {{ ref('fct_order_line') }} as line
    cross join limits

),

totals as (

    select
        coalesce(sum(ordered_base_qty), 0) as ordered_base_qty,
        coalesce(sum(explained_base_qty), 0) as explained_base_qty,
        count(*) as line_count,
        coalesce(sum(case when is_broken then 1 else 0 end), 0) as broken_count
    from lines

),

samples as (

    select
        *,
        row_number() over (
            order by abs(shipped_base_qty + cancelled_base_qty - ordered_base_qty) desc, order_id asc, line_no asc, schedule_no asc
        ) as rank_no
    from lines
    where is_broken

)

select
    {{ control_row(
        'R-09', 'CRITICAL', "'all'", 'ordered_base_qty', 'explained_base_qty',
        "cast(broken_count as string) || ' of ' || cast(line_count as string)
            || ' order lines where shipped, open and cancelled do not make ordered'",
        status="case when line_count = 0 then 'NO_DATA' when broken_count = 0 and ordered_base_qty = explained_base_qty then 'PASS' else 'FAIL' end"
    ) }}
from totals

union all

select
    {{ control_row(
        'R-09', 'CRITICAL',
        "'order=' || order_id || '|line=' || cast(line_no as string) || '|schedule='
            || cast(schedule_no as string)",
        'ordered_base_qty', 'shipped_base_qty + cancelled_base_qty',
        "'shipped ' || cast(shipped_base_qty as string) || ' and cancelled '
            || cast(cancelled_base_qty as string) || ' of ' || cast(ordered_base_qty as string)
            || ' ordered, in base units'",
        status="'FAIL'"
    ) }}
from samples
where rank_no <= {{ sample_size() }}
