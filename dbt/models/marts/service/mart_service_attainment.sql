{%- set bases = ['req', 'first', 'last'] -%}
{#- Fewer months make no limits worth the name. -#}
{%- set min_points = 6 -%}
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
        is_lead_time_met,
        is_accurate,
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
        count(is_lead_time_met) as lead_time_judged_count,
        sum(case when is_lead_time_met then 1 else 0 end) as lead_time_met_count,
        count(is_accurate) as delivered_count,
        sum(case when is_accurate then 1 else 0 end) as accurate_count,
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

-- What has no other date is counted in the month of the first promise.
undated as (

    select
        segment_key,
        first_month as due_month,
        sum(lead_time_judged_count) as lead_time_judged_count,
        sum(lead_time_met_count) as lead_time_met_count,
        sum(delivered_count) as delivered_count,
        sum(accurate_count) as accurate_count,
        sum(lines_count) as lines_count,
        min(first_null_reason) as null_reason
    from combined
    where first_month is not null
    group by segment_key, first_month

),

-- An order is perfect where each of its lines is; it counts in the month of the last of them.
orders as (

    select
        segment_at_order_key as segment_key,
        {{ month_start('max(due_first_date)') }} as due_month,
        case
            when count(is_otif_first) = count(*)
                then min(case when is_otif_first and coalesce(is_perfect_condition, true) then 1 else 0 end)
        end as perfect_count,
        min(otif_null_reason) as null_reason
    from lines
    where countable_base_qty > 0
    group by segment_at_order_key, order_id
    having count(case when is_due_first then 1 end) = count(*)

),

perfect as (

    select
        segment_key,
        due_month,
        count(*) as orders_count,
        count(perfect_count) as judged_count,
        coalesce(sum(perfect_count), 0) as perfect_count,
        min(null_reason) as null_reason
    from orders
    group by segment_key, due_month

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
        segment_key, due_month, 'FIRST', 'LEAD_TIME_MET',
        cast(lead_time_met_count as decimal(38, 6)), cast(lead_time_judged_count as decimal(38, 6)),
        lines_count, lead_time_judged_count, coalesce(null_reason, 'no lead time was promised')
    from undated

    union all

    select
        segment_key, due_month, 'FIRST', 'ORDER_ACCURACY',
        cast(accurate_count as decimal(38, 6)), cast(delivered_count as decimal(38, 6)),
        lines_count, delivered_count, coalesce(null_reason, 'nothing was delivered')
    from undated

    union all

    select
        segment_key, due_month, 'FIRST', 'PERFECT_ORDER',
        cast(perfect_count as decimal(38, 6)), cast(judged_count as decimal(38, 6)),
        orders_count, judged_count, coalesce(null_reason, 'no order could be judged')
    from perfect

    union all

    select
        segment_key, due_month, 'SHIP', 'SHIPPED_ON_TIME',
        cast(on_time_count as decimal(38, 6)), cast(judged_count as decimal(38, 6)),
        lines_count, judged_count, null_reason
    from shipped

),

attained as (

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

),

promises as (

    -- A time is promised for a share of the lines, such as P95: that share is what can be attained.
    select
        promise.scheme_id || ':' || promise.segment_code as segment_key,
        promise.segment_code = '*' as is_general,
        promise.basis,
        element.metric_id,
        case
            when promise.unit = 'share' then promise.target
            else cast(cast(substring(promise.percentile, 2, 6) as decimal(9, 4)) / 100 as decimal(18, 6))
        end as target,
        coalesce(promise.penalty_group, 0) as penalty_group,
        promise.valid_from,
        coalesce(promise.valid_to, cast('9999-12-31' as date)) as valid_to
    from {{ ref('service_promise') }} as promise
    inner join {{ ref('service_element') }} as element
        on promise.element = element.element
        and element.metric_id is not null
    where promise.product_class is null
        and promise.customer_id is null
        and promise.scheme_id = '{{ fact_scheme() }}'

),

promised_days as (

    select
        attained.segment_key,
        attained.due_month,
        attained.basis,
        attained.metric_id,
        promises.is_general,
        promises.target,
        promises.penalty_group,
        {{ days_between(
            'greatest(promises.valid_from, attained.due_month)',
            'least(promises.valid_to, ' ~ add_months('attained.due_month', 1) ~ ')'
        ) }} as days
    from attained
    inner join promises
        on (attained.segment_key = promises.segment_key or promises.is_general)
        and attained.basis = promises.basis
        and attained.metric_id = promises.metric_id
        and promises.valid_from < {{ add_months('attained.due_month', 1) }}
        and promises.valid_to > attained.due_month

),

-- A target that changes within the month counts by its days.
promised as (

    select
        segment_key,
        due_month,
        basis,
        metric_id,
        case
            when sum(case when is_general then 0 else days end) > 0
                then {{ safe_divide(
                    'sum(case when is_general then 0 else target * days end)', 'sum(case when is_general then 0 else days end)'
                ) }}
            else {{ safe_divide('sum(target * days)', 'sum(days)') }}
        end as target,
        case
            when sum(case when is_general then 0 else days end) > 0
                then {{ safe_divide(
                    'sum(case when is_general then 0 else penalty_group * days end)',
                    'sum(case when is_general then 0 else days end)'
                ) }}
            else {{ safe_divide('sum(penalty_group * days)', 'sum(days)') }}
        end as penalty_group
    from promised_days
    group by segment_key, due_month, basis, metric_id

),

-- A month that is not over yet is on no chart.
series as (

    select
        segment_key,
        basis,
        metric_id,
        due_month,
        cast(round(value, 10) as decimal(18, 10)) as x,
        cast(abs(
            cast(round(value, 10) as decimal(18, 10))
            - lag(cast(round(value, 10) as decimal(18, 10))) over (partition by segment_key, basis, metric_id order by due_month)
        ) as decimal(18, 10)) as moving_range
    from attained
    where value is not null
        and {{ add_months('due_month', 1) }} <= {{ add_days(as_of(), 1) }}

),

ranges as (

    select
        segment_key,
        basis,
        metric_id,
        count(*) as point_count,
        cast(round({{ safe_divide('sum(x)', 'count(*)') }}, 10) as decimal(18, 10)) as mean_value,
        cast(round({{ safe_divide('sum(moving_range)', 'count(moving_range)') }}, 10) as decimal(18, 10)) as average_range
    from series
    group by segment_key, basis, metric_id
    having count(*) >= {{ min_points }}

),

placed as (

    select
        series.*,
        ranges.mean_value,
        cast(ranges.mean_value - 2.66 * ranges.average_range as decimal(18, 10)) as lower_limit,
        cast(ranges.mean_value + 2.66 * ranges.average_range as decimal(18, 10)) as upper_limit,
        cast(3.267 * ranges.average_range as decimal(18, 10)) as range_limit
    from series
    inner join ranges
        on series.segment_key = ranges.segment_key
        and series.basis = ranges.basis
        and series.metric_id = ranges.metric_id

),

charted as (

    select
        placed.*,
        {{ chart_signal('segment_key, basis, metric_id', 'due_month') }} as xmr_signal
    from placed

)

select
    attained.segment_key,
    attained.due_month,
    attained.basis,
    attained.metric_id,
    attained.numerator,
    attained.denominator,
    attained.value,
    attained.lines_count,
    attained.judged_lines_count,
    cast(round(promised.target, 6) as decimal(18, 6)) as promised_value,
    cast(round(attained.value - promised.target, 6) as decimal(18, 6)) as gap_value,
    -- Lines that are missing to the promise, each at its price.
    cast(
        round(
            greatest(promised.target * cast(attained.denominator as double) - cast(attained.numerator as double), 0)
            * promised.penalty_group, 4
        ) as decimal(18, 4)
    ) as penalty_amount_group,
    case
        when attained.metric_id <> 'UNIT_FILL_RATE'
            then {{ wilson_bound('attained.numerator', 'attained.denominator', '-') }}
    end as wilson_lower,
    case
        when attained.metric_id <> 'UNIT_FILL_RATE'
            then {{ wilson_bound('attained.numerator', 'attained.denominator', '+') }}
    end as wilson_upper,
    charted.mean_value as xmr_mean,
    charted.lower_limit as xmr_lower_limit,
    charted.upper_limit as xmr_upper_limit,
    charted.moving_range as xmr_moving_range,
    charted.range_limit as xmr_range_limit,
    charted.xmr_signal,
    attained.null_reason
from attained
left join promised
    on attained.segment_key = promised.segment_key
    and attained.due_month = promised.due_month
    and attained.basis = promised.basis
    and attained.metric_id = promised.metric_id
left join charted
    on attained.segment_key = charted.segment_key
    and attained.due_month = charted.due_month
    and attained.basis = charted.basis
    and attained.metric_id = charted.metric_id
