{#- Each stage with the moments at which it begins and ends. -#}
{%- set stages = {
    'allocate': ['entered_at', 'created_at'],
    'release': ['created_at', 'released_at'],
    'pick': ['released_at', 'pick_ended_at'],
    'pack': ['pick_ended_at', 'packed_at'],
    'load': ['packed_at', 'loaded_at'],
    'dispatch': ['loaded_at', 'departed_at'],
    'transit': ['departed_at', 'delivered_at'],
    'pod': ['delivered_at', 'pod_at'],
} -%}
{%- set moments = [
    'entered_at', 'created_at', 'released_at', 'pick_started_at', 'pick_ended_at', 'packed_at', 'loaded_at',
    'departed_at', 'delivered_at', 'pod_at'
] -%}
{{ config(materialized=large_table(), unique_key=['order_id'], touched='int_touched__order_segment') }}

with

service as (

    select
        order_id, line_no, schedule_no, entity_id, segment_at_order_key, ordered_date, net_amount_group,
        is_due_first, is_otif_first, is_on_time_first
    from {{ ref('fct_order_line_service') }}
    where is_service_relevant
        {{ only_touched('order_id', 'int_touched__order_segment', 'order_id', 'and') }}

),

pieces as (

    select distinct order_id, order_line_no as line_no, schedule_no, shipment_id
    from {{ ref('int_shipment__line') }}
    where order_id <> '-2'
        {{ only_touched('order_id', 'int_touched__order_segment', 'order_id', 'and') }}

),

headers as (

    select order_id, ordered_at from {{ ref('int_order__header') }}
    {{ only_touched('order_id', 'int_touched__order_segment', 'order_id') }}

),

deliveries as (

    select * from {{ ref('int_delivery__event') }}

),

shipped as (

    select
        service.order_id,
        pieces.shipment_id,
        min(service.entity_id) as entity_id,
        min(service.segment_at_order_key) as segment_at_order_key,
        min(service.ordered_date) as ordered_date,
        count(*) as lines_count,
        count(case when service.is_due_first and not service.is_on_time_first then 1 end) as late_lines_count,
        sum(service.net_amount_group) as net_amount_group,
        sum(case when service.is_due_first and not service.is_on_time_first then service.net_amount_group else 0 end)
            as late_amount_group
    from service
    inner join pieces
        on service.order_id = pieces.order_id
        and service.line_no = pieces.line_no
        and service.schedule_no = coalesce(pieces.schedule_no, 1)
    group by service.order_id, pieces.shipment_id

),

timed as (

    select
        shipped.*,
        deliveries.from_site_id as site_id,
        deliveries.carrier_id,
        headers.ordered_at as entered_at,
        deliveries.created_at,
        deliveries.released_at,
        deliveries.pick_started_at,
        deliveries.pick_ended_at,
        deliveries.packed_at,
        deliveries.staged_at,
        deliveries.loaded_at,
        deliveries.departed_at,
        deliveries.delivered_at,
        deliveries.pod_at,
        deliveries.exception_at,
        deliveries.refused_at,
        deliveries.is_clock_skewed
    from shipped
    inner join deliveries on shipped.shipment_id = deliveries.shipment_id
    inner join headers on shipped.order_id = headers.order_id

),

-- Each day with the working minutes before it: a clock that stands still on days without work.
clock as (

    select
        day.calendar_date,
        coalesce(working.is_working, not day.is_weekend) as is_working,
        1440 * sum(case when coalesce(working.is_working, not day.is_weekend) then 1 else 0 end) over (
            order by day.calendar_date rows between unbounded preceding and 1 preceding
        ) as minutes_before
    from {{ ref('int_calendar__date') }} as day
    left join {{ ref('int_calendar__working_day') }} as working on day.calendar_date = working.calendar_date

),

read as (

    select
        timed.*,
        {% for moment in moments -%}
        cast(coalesce({{ moment }}_day.minutes_before, 0) as double)
        + case
            when {{ moment }}_day.is_working
                then {{ minutes_between('cast(cast(timed.' ~ moment ~ ' as date) as timestamp)', 'timed.' ~ moment) }}
            when {{ moment }}_day.calendar_date is not null then 0
        end as {{ moment }}_clock{{ ',' if not loop.last }}
        {% endfor %}
    from timed
    {% for moment in moments -%}
    left join clock as {{ moment }}_day on cast(timed.{{ moment }} as date) = {{ moment }}_day.calendar_date
    {% endfor %}

)

select
    order_id,
    shipment_id,
    entity_id,
    segment_at_order_key,
    ordered_date,
    site_id,
    carrier_id,
    cast(lines_count as bigint) as lines_count,
    cast(late_lines_count as bigint) as late_lines_count,
    cast(net_amount_group as decimal(18, 4)) as net_amount_group,
    cast(late_amount_group as decimal(18, 4)) as late_amount_group,
    {% for moment in moments + ['staged_at', 'exception_at', 'refused_at'] -%}
    {{ moment }},
    {% endfor -%}
    -- A stage that ends before it begins is measured by two clocks that disagree: it says nothing.
    {% for stage, bounds in stages.items() -%}
    case when {{ bounds[1] }} >= {{ bounds[0] }} then round({{ bounds[1] }}_clock - {{ bounds[0] }}_clock, 3) end
        as {{ stage }}_minutes,
    {% endfor -%}
    case when pick_started_at >= released_at then round(pick_started_at_clock - released_at_clock, 3) end
        as pick_wait_minutes,
    coalesce(
        is_clock_skewed
        {% for stage, bounds in stages.items() -%}
        or {{ bounds[1] }} < {{ bounds[0] }}
        {% endfor -%}
        , false
    ) as is_clock_skewed
from read
