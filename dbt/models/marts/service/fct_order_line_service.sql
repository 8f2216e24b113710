{%- set bases = ['req', 'first', 'last'] -%}
{#- Elements of the promise that can be measured line by line, and the word for them in column names. -#}
{%- set elements = {
    'OTIF': 'otif',
    'UNIT_FILL_RATE': 'unit_fill_rate',
    'LINE_FILL_RATE': 'line_fill_rate',
    'LEAD_TIME_DAYS': 'lead_time_days',
    'ORDER_ACCURACY': 'order_accuracy',
    'PERFECT_ORDER': 'perfect_order',
} -%}
{#- Where a promise comes from, the most particular first. -#}
{%- set sources = {
    'own_class': 'CUSTOMER',
    'own': 'CUSTOMER',
    'class': 'SEGMENT_AND_CLASS',
    'segment': 'SEGMENT',
    'general_class': 'DEFAULT',
    'general': 'DEFAULT',
} -%}
{%- set lead_time_promise -%}
coalesce(
            term.lead_time_days{% for alias in sources %}, {{ alias }}_promise.lead_time_days{% endfor %}
        )
{%- endset -%}
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

coverage as (

    select * from {{ ref('int_delivery__coverage') }}

),

articles as (

    select product_id, product_family from {{ ref('int_product__article') }}

),

said as (

    -- A promise to a customer holds in whatever segment it is.
    select
        case when customer_id is null then scheme_id || ':' || segment_code end as segment_key,
        customer_id is null and segment_code = '*' as is_general,
        product_class,
        customer_id,
        element,
        target,
        valid_from,
        coalesce(valid_to, cast('9999-12-31' as date)) as valid_to
    from {{ ref('service_promise') }}
    where element in ('{{ elements.keys() | join("', '") }}')
        and scheme_id = '{{ fact_scheme() }}'

),

days_of_change as (

    select segment_key, is_general, product_class, customer_id, valid_from as first_day from said
    union
    select segment_key, is_general, product_class, customer_id, valid_to from said

),

slices as (

    select
        *,
        lead(first_day) over (
            partition by segment_key, is_general, product_class, customer_id order by first_day
        ) as next_day
    from days_of_change

),

-- One row per scope and time with all elements, so that a line looks each scope up once.
promises as (

    select
        slices.segment_key,
        slices.is_general,
        slices.product_class,
        slices.customer_id,
        slices.first_day as valid_from,
        slices.next_day as valid_to,
        {% for element, name in elements.items() -%}
        max(case when said.element = '{{ element }}' then said.target end) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from slices
    inner join said
        on slices.is_general = said.is_general
        and coalesce(slices.segment_key, '') = coalesce(said.segment_key, '')
        and coalesce(slices.product_class, '') = coalesce(said.product_class, '')
        and coalesce(slices.customer_id, '') = coalesce(said.customer_id, '')
        and slices.first_day >= said.valid_from
        and slices.first_day < said.valid_to
    where slices.next_day is not null
    group by
        slices.segment_key, slices.is_general, slices.product_class, slices.customer_id, slices.first_day,
        slices.next_day

),

contract_choices as (

    select
        order_lines.order_id,
        order_lines.line_no,
        order_lines.schedule_no,
        term.element_code,
        min(term.precedence) as precedence
    from order_lines
    inner join {{ ref('int_service__contract_term') }} as term
        on order_lines.contract_id = term.contract_id
        and order_lines.ordered_date >= term.valid_from
        and order_lines.ordered_date < term.valid_to
        and (term.site_scope is null or term.site_scope = order_lines.ship_to_site_id)
    left join articles on order_lines.product_id = articles.product_id
    where term.product_scope is null
        or term.product_scope in (order_lines.product_id, articles.product_family)
    group by order_lines.order_id, order_lines.line_no, order_lines.schedule_no, term.element_code

),

contract_terms as (

    select
        choice.order_id,
        choice.line_no,
        choice.schedule_no,
        {% for element, name in elements.items() if element != 'OTIF' -%}
        max(case when term.element_code = '{{ element }}' then term.target end) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from contract_choices as choice
    inner join {{ ref('int_service__contract_term') }} as term on choice.precedence = term.precedence
    group by choice.order_id, choice.line_no, choice.schedule_no

),

working_days as (

    select
        day.calendar_date,
        sum(case when coalesce(working.is_working, not day.is_weekend) then 1 else 0 end) over (
            order by day.calendar_date
        ) as working_no
    from {{ ref('int_calendar__date') }} as day
    left join {{ ref('int_calendar__working_day') }} as working on day.calendar_date = working.calendar_date

),

group_days as (

    {{ frozen_days() }}

),

-- Lines of which something became known only after the month of their promise was closed.
lines_then as (

    select
        order_lines.order_id,
        order_lines.line_no,
        order_lines.schedule_no,
        order_lines.due_test,
        order_lines.due_first_limit,
        group_days.frozen_at,
        order_lines.known_at <= group_days.frozen_at as is_reported
    from order_lines
    inner join group_days on order_lines.due_first_date = group_days.calendar_date

),

pieces as (

    select *, greatest(known_at, coalesce(delivered_known_at, known_at)) as last_known_at
    from {{ ref('int_shipment__line') }}
    {{ only_touched('order_id', 'int_touched__order_segment', 'order_id') }}

),

late_lines as (

    select distinct lines_then.*
    from lines_then
    left join pieces
        on lines_then.order_id = pieces.order_id
        and lines_then.line_no = pieces.order_line_no
        and lines_then.schedule_no = pieces.schedule_no
    where not lines_then.is_reported
        or pieces.last_known_at > lines_then.frozen_at

),

reported as (

    select
        late_lines.order_id,
        late_lines.line_no,
        late_lines.schedule_no,
        late_lines.is_reported as was_reported,
        {% set was_known = 'pieces.delivered_known_at <= late_lines.frozen_at and pieces.known_at <= late_lines.frozen_at' -%}
        {% set arrived = "case when late_lines.due_test = 'DAY' then cast(pieces.delivered_date as timestamp) else pieces.delivered_at end" -%}
        cast(coalesce(
            sum(case when {{ was_known }} and {{ arrived }} < late_lines.due_first_limit then pieces.shipped_base_qty end), 0
        ) as decimal(18, 6)) as reported_by_due_base_qty,
        min(case when {{ was_known }} then {{ arrived }} end) as then_first_arrived,
        max(case when {{ was_known }} then {{ arrived }} end) as then_last_arrived,
        count(case when pieces.known_at <= late_lines.frozen_at and not coalesce({{ was_known }}, false) then 1 end)
            as then_undelivered_piece_count
    from late_lines
    left join pieces
        on late_lines.order_id = pieces.order_id
        and late_lines.line_no = pieces.order_line_no
        and late_lines.schedule_no = pieces.schedule_no
    group by late_lines.order_id, late_lines.line_no, late_lines.schedule_no, late_lines.is_reported

),

-- A return names no schedule line; what came back stands with the first one of its line.
returned as (

    select
        line.order_id,
        line.order_line_no as line_no,
        sum(line.returned_base_qty) as returned_base_qty,
        max(case when coalesce(reason.accountable, other.accountable) = 'SELLER' then 1 else 0 end) = 1 as is_our_fault,
        max(case when coalesce(reason.kind_of_fault, other.kind_of_fault) = 'ACCURACY' then 1 else 0 end) = 1 as is_wrong
    from {{ ref('int_return__line') }} as line
    left join {{ ref('return_reason') }} as reason on line.reason = reason.reason
    inner join {{ ref('return_reason') }} as other on other.reason = '*'
    where line.order_id <> '-2'
        {{ only_touched('line.order_id', 'int_touched__order_segment', 'order_id', 'and') }}
    group by line.order_id, line.order_line_no

),

first_schedules as (

    select returned.order_id, returned.line_no, min(order_lines.schedule_no) as schedule_no
    from returned
    inner join order_lines
        on returned.order_id = order_lines.order_id
        and returned.line_no = order_lines.line_no
    group by returned.order_id, returned.line_no

),

judged as (

    select
        order_lines.order_id,
        order_lines.line_no,
        order_lines.schedule_no,
        order_lines.customer_id,
        order_lines.entity_id,
        order_lines.ship_to_site_id,
        order_lines.ship_from_site_id,
        order_lines.product_id,
        order_lines.contract_id,
        order_lines.order_type,
        order_lines.ordered_date,
        order_lines.is_partial_allowed,
        order_lines.due_test,
        order_lines.contract_basis,
        order_lines.contract_target,
        order_lines.early_days,
        order_lines.late_days,
        order_lines.under_pct,
        order_lines.over_pct,
        order_lines.is_service_relevant,
        order_lines.service_irrelevant_reason,
        order_lines.is_first_rebased,
        order_lines.countable_base_qty,
        order_lines.seller_cancelled_base_qty,
        order_lines.is_cancelled,
        order_lines.net_amount_group,
        order_lines.ordered_base_qty,
        order_lines.is_bill_and_hold,
        -- Goods that wait for the customer's call have no day on which they should have left.
        case when not order_lines.is_bill_and_hold then order_lines.promised_ship_date end as promised_ship_date,
        fulfilment.shipped_base_qty,
        fulfilment.delivered_base_qty,
        fulfilment.first_departed_at,
        fulfilment.last_departed_at,
        fulfilment.first_departed_date,
        fulfilment.last_departed_date,
        fulfilment.first_delivered_at,
        fulfilment.last_delivered_at,
        fulfilment.first_arrived,
        fulfilment.last_arrived,
        coalesce(fulfilment.undelivered_piece_count, 0) as undelivered_piece_count,
        coalesce(fulfilment.is_clock_skewed, false) as is_clock_skewed,
        case when first_schedule.order_id is not null then returned.returned_base_qty end as returned_base_qty,
        returned.is_our_fault as is_returned_for_our_fault,
        returned.is_wrong as is_returned_as_wrong,
        order_lines.due_test = 'DAY' as is_day_test,
        -- Unit factors are rounded, so a millionth of the quantity decides nothing.
        {{ times('order_lines.countable_base_qty', '100 - order_lines.under_pct - 0.0001') }} as enough_pct_qty,
        {{ times('order_lines.countable_base_qty', '100 + order_lines.over_pct + 0.0001') }} as too_much_pct_qty,
        {% for basis in bases -%}
        order_lines.due_{{ basis }}_at,
        order_lines.due_{{ basis }}_date,
        order_lines.due_{{ basis }}_start,
        order_lines.due_{{ basis }}_limit,
        cast(coalesce(fulfilment.delivered_by_due_{{ basis }}_base_qty, 0) as decimal(18, 6))
            as delivered_by_due_{{ basis }}_base_qty,
        {% endfor -%}
        order_lines.countable_base_qty > 0 and order_lines.seller_cancelled_base_qty >= order_lines.countable_base_qty
            as is_cancelled_by_seller,
        case
            when not order_lines.is_service_relevant then order_lines.service_irrelevant_reason
            when order_lines.countable_base_qty <= 0 then 'cancelled by the customer before the cut-off'
            when not coverage.has_delivery_events then 'no delivery event in the sources'
            when coalesce(fulfilment.unquantified_piece_count, 0) > 0 then 'no shipped quantity in the sources'
        end as otif_null_reason
    from order_lines
    cross join coverage
    left join fulfilment
        on order_lines.order_id = fulfilment.order_id
        and order_lines.line_no = fulfilment.line_no
        and order_lines.schedule_no = fulfilment.schedule_no
    left join returned
        on order_lines.order_id = returned.order_id
        and order_lines.line_no = returned.line_no
    left join first_schedules as first_schedule
        on order_lines.order_id = first_schedule.order_id
        and order_lines.line_no = first_schedule.line_no
        and order_lines.schedule_no = first_schedule.schedule_no

),

timed as (

    select
        judged.*,
        {% for basis in bases -%}
        -- What the seller cancelled before promising anything fails on the date the customer asked for.
        case
            when due_{{ basis }}_date is null and is_cancelled_by_seller then due_req_date
            else due_{{ basis }}_date
        end as counted_{{ basis }}_date,
        coalesce(
            case
                when due_{{ basis }}_date is null and is_cancelled_by_seller then due_req_limit
                else due_{{ basis }}_limit
            end <= cast({{ add_days(as_of(), 1) }} as timestamp),
            false
        ) as has_passed_{{ basis }},
        delivered_by_due_{{ basis }}_base_qty * 100 >= enough_pct_qty
        and delivered_by_due_{{ basis }}_base_qty * 100 <= too_much_pct_qty as has_full_{{ basis }},
        coalesce(
            (due_{{ basis }}_start is null or first_arrived >= due_{{ basis }}_start)
            and case
                when is_partial_allowed then first_arrived < due_{{ basis }}_limit
                -- One delivery was asked for: the last piece decides.
                else last_arrived < due_{{ basis }}_limit
                    and undelivered_piece_count = 0
                    and (delivered_by_due_{{ basis }}_base_qty + seller_cancelled_base_qty) * 100 >= enough_pct_qty
            end,
            false
        ) as is_timely_{{ basis }},
        {% endfor -%}
        reported.order_id is not null as is_restated,
        coalesce(reported.was_reported, true) as is_reported,
        case when reported.was_reported then reported.reported_by_due_base_qty end as then_by_due_base_qty,
        reported.reported_by_due_base_qty * 100 >= enough_pct_qty
        and reported.reported_by_due_base_qty * 100 <= too_much_pct_qty as had_full,
        coalesce(
            (due_first_start is null or reported.then_first_arrived >= due_first_start)
            and case
                when is_partial_allowed then reported.then_first_arrived < due_first_limit
                else reported.then_last_arrived < due_first_limit
                    and reported.then_undelivered_piece_count = 0
                    and (reported.reported_by_due_base_qty + seller_cancelled_base_qty) * 100 >= enough_pct_qty
            end,
            false
        ) as was_timely
    from judged
    left join reported
        on judged.order_id = reported.order_id
        and judged.line_no = reported.line_no
        and judged.schedule_no = reported.schedule_no

),

final as (

    select
        timed.order_id,
        timed.line_no,
        timed.schedule_no,
        timed.customer_id,
        timed.entity_id,
        ship_to_site_id,
        ship_from_site_id,
        timed.product_id,
        contract_id,
        order_type,
        ordered_date,
        is_partial_allowed,
        due_test,
        contract_basis,
        early_days,
        late_days,
        under_pct,
        over_pct,
        is_service_relevant,
        is_first_rebased,
        countable_base_qty,
        cast(coalesce(shipped_base_qty, 0) as decimal(18, 6)) as shipped_base_qty,
        cast(coalesce(delivered_base_qty, 0) as decimal(18, 6)) as delivered_base_qty,
        cast(coalesce(returned_base_qty, 0) as decimal(18, 6)) as returned_base_qty,
        cast(coalesce(delivered_base_qty, 0) - coalesce(returned_base_qty, 0) as decimal(18, 6)) as net_delivered_base_qty,
        case when delivered_base_qty > 0 then not coalesce(is_returned_for_our_fault, false) end as is_perfect_condition,
        case when delivered_base_qty > 0 then not coalesce(is_returned_as_wrong, false) end as is_accurate,
        first_departed_at,
        last_departed_at,
        first_delivered_at,
        last_delivered_at,
        is_cancelled_by_seller,
        is_clock_skewed,
        {% for basis in bases -%}
        due_{{ basis }}_at,
        counted_{{ basis }}_date as due_{{ basis }}_date,
        is_service_relevant and countable_base_qty > 0 and has_passed_{{ basis }} as is_due_{{ basis }},
        case when otif_null_reason is null and counted_{{ basis }}_date is not null then delivered_by_due_{{ basis }}_base_qty end
            as delivered_by_due_{{ basis }}_base_qty,
        case when otif_null_reason is null and counted_{{ basis }}_date is not null then has_full_{{ basis }} end
            as is_in_full_{{ basis }},
        case when otif_null_reason is null and counted_{{ basis }}_date is not null then is_timely_{{ basis }} end
            as is_on_time_{{ basis }},
        case
            when otif_null_reason is null and counted_{{ basis }}_date is not null
                then has_full_{{ basis }} and is_timely_{{ basis }} and not is_cancelled_by_seller
        end as is_otif_{{ basis }},
        {% endfor -%}
        case
            when otif_null_reason is not null then otif_null_reason
            when counted_req_date is null and counted_first_date is null and counted_last_date is null
                then 'no due date in the sources'
        end as otif_null_reason,
        promised_ship_date,
        last_departed_date as shipped_date,
        case
            when is_cancelled then 'CANCELLED'
            when last_departed_date is null then 'NOT_SHIPPED'
            when last_departed_date > promised_ship_date then 'LATE'
            when last_departed_date < promised_ship_date then 'EARLY'
            when last_departed_date = promised_ship_date then 'ON_TIME'
        end as ship_timing,
        case
            when not is_cancelled and last_departed_date is not null and is_bill_and_hold
                then 'bill and hold: the customer calls the goods off'
            when not is_cancelled and last_departed_date is not null and promised_ship_date is null
                then 'no promised ship date in the sources'
        end as ship_timing_null_reason,
        case
            when is_cancelled or promised_ship_date is null then null
            when last_departed_date is not null then last_departed_date <= promised_ship_date
            when promised_ship_date <= {{ as_of() }} then false
        end as is_shipped_on_time,
        ordered_base_qty,
        net_amount_group,
        {% for element, name in elements.items() -%}
        {%- set contract = 'timed.contract_target' if element == 'OTIF' else 'term.' ~ name -%}
        cast(
            case
                when {{ contract }} is not null then {{ contract }}
                {% for alias in sources -%}
                when {{ alias }}_promise.{{ name }} is not null then {{ alias }}_promise.{{ name }}
                {% endfor %}
            end as decimal(18, 6)
        ) as promised_{{ name }},
        case
            when {{ contract }} is not null then 'CONTRACT'
            {% for alias, source in sources.items() -%}
            when {{ alias }}_promise.{{ name }} is not null then '{{ source }}'
            {% endfor %}
        end as {{ '' if element == 'OTIF' else name ~ '_' }}promise_source,
        {% endfor -%}
        cast(arrived_on.working_no - ordered_on.working_no as bigint) as lead_time_days,
        -- Whoever wants the goods later than the promise has to wait no longer than that day.
        case
            when {{ lead_time_promise }} is not null and otif_null_reason is null and counted_first_date is not null
                then coalesce(
                    arrived_on.working_no - ordered_on.working_no <= {{ lead_time_promise }}
                    or (counted_req_date is not null and is_timely_req), false
                )
        end as is_lead_time_met,
        is_restated as is_restated_first,
        is_reported as is_reported_first,
        case when is_restated and otif_null_reason is null and counted_first_date is not null then then_by_due_base_qty end
            as delivered_by_due_first_reported_base_qty,
        case when is_restated and is_reported and otif_null_reason is null and counted_first_date is not null then had_full end
            as is_in_full_first_reported,
        case when is_restated and is_reported and otif_null_reason is null and counted_first_date is not null then was_timely end
            as is_on_time_first_reported,
        case
            when is_restated and is_reported and otif_null_reason is null and counted_first_date is not null
                then had_full and was_timely and not is_cancelled_by_seller
        end as is_otif_first_reported,
        {{ segment_key_or_unknown('at_order', 'timed.entity_id') }} as segment_at_order_key,
        {{ segment_key_or_unknown('at_event', 'timed.entity_id') }} as segment_at_event_key,
        {{ segment_key_or_unknown('at_present', 'timed.entity_id') }} as segment_current_key
    from timed
    {{ segment_asof('timed.entity_id', 'timed.ordered_date', 'at_order') }}
    {{ segment_asof('timed.entity_id', 'coalesce(timed.first_departed_date, timed.ordered_date)', 'at_event') }}
    {{ segment_asof('timed.entity_id', as_of(), 'at_present') }}
    left join articles on timed.product_id = articles.product_id
    left join working_days as ordered_on on timed.ordered_date = ordered_on.calendar_date
    left join working_days as arrived_on on cast(timed.first_arrived as date) = arrived_on.calendar_date
    left join contract_terms as term
        on timed.order_id = term.order_id
        and timed.line_no = term.line_no
        and timed.schedule_no = term.schedule_no
    -- Everybody's promise is joined by an equality that always holds: a hash join, no loop over all pairs.
    {% for alias, condition in {
        'own_class': 'timed.customer_id = own_class_promise.customer_id'
            ~ ' and articles.product_family = own_class_promise.product_class',
        'own': 'timed.customer_id = own_promise.customer_id and own_promise.product_class is null',
        'class': 'at_order.segment_key = class_promise.segment_key'
            ~ ' and articles.product_family = class_promise.product_class',
        'segment': 'at_order.segment_key = segment_promise.segment_key and segment_promise.product_class is null',
        'general_class': '(timed.order_id is not null) = general_class_promise.is_general'
            ~ ' and articles.product_family = general_class_promise.product_class',
        'general': '(timed.order_id is not null) = general_promise.is_general and general_promise.product_class is null'
    }.items() -%}
    left join promises as {{ alias }}_promise
        on {{ condition }}
        and timed.ordered_date >= {{ alias }}_promise.valid_from
        and timed.ordered_date < {{ alias }}_promise.valid_to
    {% endfor %}

)

select * from final
