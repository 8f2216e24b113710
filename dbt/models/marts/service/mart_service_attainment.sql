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

dated as (

    -- A line without a date on a basis is counted where it was due at all, with the reason.
    select
        segment_at_order_key as segment_key,
        countable_base_qty,
        is_shipped_on_time,
        {% for basis in bases -%}
        case
            when is_due_{{ basis }} then {{ month_start('due_' ~ basis ~ '_date') }}
            when due_{{ basis }}_date is null
                and countable_base_qty > 0
                and coalesce(due_req_date, due_first_date, due_last_date, ordered_date) <= {{ as_of() }}
                then {{ month_start('coalesce(due_req_date, due_first_date, due_last_date, ordered_date)') }}
        end as {{ basis }}_month,
        delivered_by_due_{{ basis }}_base_qty,
        is_otif_{{ basis }},
        is_in_full_{{ basis }},
        is_on_time_{{ basis }},
        case
            when is_otif_{{ basis }} is null then coalesce(otif_null_reason, 'no date on this basis in the sources')
        end as {{ basis }}_null_reason,
        {% endfor -%}
        -- Shipping is judged by the promised ship date, which has no other basis.
        case
            when is_shipped_on_time is not null
                or (
                    promised_ship_date is null
                    and coalesce(ship_timing, '') <> 'CANCELLED'
                    and ordered_date <= {{ as_of() }}
                )
                then {{ month_start('coalesce(promised_ship_date, shipped_date, ordered_date)') }}
        end as ship_month,
        case when is_shipped_on_time is null then 'no promised ship date in the sources' end as ship_null_reason
    from lines

),

combined as (

    -- The lines are read once; what is left is small.
    select
        segment_key,
        {% for basis in bases -%}
        {{ basis }}_month,
        count(is_otif_{{ basis }}) as {{ basis }}_judged_count,
        sum(case when is_otif_{{ basis }} then 1 else 0 end) as {{ basis }}_otif_count,
        sum(case when is_in_full_{{ basis }} then 1 else 0 end) as {{ basis }}_in_full_count,
        sum(case when is_on_time_{{ basis }} then 1 else 0 end) as {{ basis }}_on_time_count,
        sum(case when is_otif_{{ basis }} is not null then countable_base_qty else 0 end) as {{ basis }}_judged_qty,
        sum(
            case
                when is_otif_{{ basis }} is not null then least(delivered_by_due_{{ basis }}_base_qty, countable_base_qty)
                else 0
            end
        ) as {{ basis }}_filled_qty,
        min({{ basis }}_null_reason) as {{ basis }}_null_reason,
        {% endfor -%}
        ship_month,
        count(is_shipped_on_time) as ship_judged_count,
        sum(case when is_shipped_on_time then 1 else 0 end) as ship_on_time_count,
        min(ship_null_reason) as ship_null_reason,
        count(*) as lines_count
    from dated
    group by segment_key, {% for basis in bases %}{{ basis }}_month, {% endfor %}ship_month

),

judged as (

    {% for basis in bases -%}
    select
        segment_key,
        {{ basis }}_month as due_month,
        '{{ basis | upper }}' as basis,
        {% for part in ['judged_count', 'otif_count', 'in_full_count', 'on_time_count', 'judged_qty', 'filled_qty'] -%}
        sum({{ basis }}_{{ part }}) as {{ part }},
        {% endfor -%}
        sum(lines_count) as lines_count,
        min({{ basis }}_null_reason) as null_reason
    from combined
    where {{ basis }}_month is not null
    group by segment_key, {{ basis }}_month
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

shipped as (

    select
        segment_key,
        ship_month as due_month,
        sum(ship_judged_count) as judged_count,
        sum(ship_on_time_count) as on_time_count,
        sum(lines_count) as lines_count,
        min(ship_null_reason) as null_reason
    from combined
    where ship_month is not null
    group by segment_key, ship_month

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
