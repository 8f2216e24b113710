{%- set bases = ['req', 'first', 'last'] -%}
{%- set parts = {
    'OTIF': ['otif_count', 'judged_count'],
    'IN_FULL': ['in_full_count', 'judged_count'],
    'ON_TIME': ['on_time_count', 'judged_count'],
    'UNIT_FILL_RATE': ['filled_qty', 'judged_qty'],
    'LINE_FILL_RATE': ['in_full_count', 'judged_count'],
} -%}
with

lines as (

    select * from {{ ref('fct_order_line_service') }}
    where is_service_relevant

),

{% for basis in bases -%}
counted_{{ basis }} as (

    -- A line without a date on this basis is counted where it was due at all, with the reason.
    select
        segment_at_order_key as segment_key,
        {{ month_start('coalesce(due_' ~ basis ~ '_date, due_req_date, due_first_date, due_last_date, ordered_date)') }}
            as due_month,
        countable_base_qty,
        delivered_by_due_{{ basis }}_base_qty as delivered_base_qty,
        is_otif_{{ basis }} as is_otif,
        is_in_full_{{ basis }} as is_in_full,
        is_on_time_{{ basis }} as is_on_time,
        case
            when is_otif_{{ basis }} is null then coalesce(otif_null_reason, 'no date on this basis in the sources')
        end as null_reason
    from lines
    where is_due_{{ basis }}
        or (
            due_{{ basis }}_date is null
            and countable_base_qty > 0
            and coalesce(due_req_date, due_first_date, due_last_date, ordered_date) <= {{ as_of() }}
        )

),

{% endfor -%}
counted as (

    {% for basis in bases -%}
    select *, '{{ basis | upper }}' as basis from counted_{{ basis }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

judged as (

    select
        segment_key,
        due_month,
        basis,
        count(*) as lines_count,
        count(is_otif) as judged_count,
        sum(case when is_otif then 1 else 0 end) as otif_count,
        sum(case when is_in_full then 1 else 0 end) as in_full_count,
        sum(case when is_on_time then 1 else 0 end) as on_time_count,
        sum(case when is_otif is not null then countable_base_qty else 0 end) as judged_qty,
        sum(case when is_otif is not null then least(delivered_base_qty, countable_base_qty) else 0 end) as filled_qty,
        min(null_reason) as null_reason
    from counted
    group by segment_key, due_month, basis

),

shipped as (

    -- Judged by the promised ship date, which has no other basis.
    select
        segment_at_order_key as segment_key,
        {{ month_start('coalesce(promised_ship_date, shipped_date, ordered_date)') }} as due_month,
        count(*) as lines_count,
        count(is_shipped_on_time) as judged_count,
        sum(case when is_shipped_on_time then 1 else 0 end) as on_time_count,
        min(case when is_shipped_on_time is null then 'no promised ship date in the sources' end) as null_reason
    from lines
    where is_shipped_on_time is not null
        or (promised_ship_date is null and coalesce(ship_timing, '') <> 'CANCELLED' and ordered_date <= {{ as_of() }})
    group by
        segment_at_order_key,
        {{ month_start('coalesce(promised_ship_date, shipped_date, ordered_date)') }}

),

measured as (

    {% for metric, columns in parts.items() -%}
    select
        segment_key, due_month, basis, '{{ metric }}' as metric_id,
        cast({{ columns[0] }} as decimal(38, 6)) as numerator,
        cast({{ columns[1] }} as decimal(38, 6)) as denominator,
        lines_count, judged_count, null_reason
    from judged

    union all

    {% endfor -%}
    select
        segment_key, due_month, 'SHIP', 'SHIPPED_ON_TIME',
        cast(on_time_count as decimal(38, 6)), cast(judged_count as decimal(38, 6)),
        lines_count, judged_count, null_reason
    from shipped

)

select
    segment_key,
    due_month,
    basis,
    metric_id,
    case when denominator > 0 then numerator end as numerator,
    case when denominator > 0 then denominator end as denominator,
    {{ safe_divide('numerator', 'denominator') }} as value,
    cast(lines_count as bigint) as lines_count,
    cast(judged_count as bigint) as judged_lines_count,
    case when denominator > 0 then null else null_reason end as null_reason
from measured
