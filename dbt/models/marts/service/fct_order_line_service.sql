{%- set bases = ['req', 'first', 'last'] -%}
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

promises as (

    select
        scheme_id || ':' || segment_code as segment_key,
        segment_code = '*' as is_general,
        product_class,
        customer_id,
        target,
        valid_from,
        coalesce(valid_to, cast('9999-12-31' as date)) as valid_to
    from {{ ref('service_promise') }}
    where element = 'OTIF'
        and scheme_id = '{{ fact_scheme() }}'

),

-- A return names no schedule line; what came back stands with the first one of its line.
returned as (

    select
        line.order_id,
        line.order_line_no as line_no,
        sum(line.returned_base_qty) as returned_base_qty,
        max(case when coalesce(reason.accountable, other.accountable) = 'SELLER' then 1 else 0 end) = 1 as is_our_fault
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
        ) as is_timely_{{ basis }}{{ ',' if not loop.last }}
        {% endfor %}
    from judged

),

final as (

    select
        order_id,
        line_no,
        schedule_no,
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
        cast(
            coalesce(
                timed.contract_target, own_promise.target, class_promise.target, segment_promise.target, general_promise.target
            ) as decimal(18, 6)
        ) as promised_otif,
        case
            when timed.contract_target is not null then 'CONTRACT'
            when own_promise.target is not null then 'CUSTOMER'
            when class_promise.target is not null then 'SEGMENT_AND_CLASS'
            when segment_promise.target is not null then 'SEGMENT'
            when general_promise.target is not null then 'DEFAULT'
        end as promise_source,
        {{ segment_key_or_unknown('at_order', 'timed.entity_id') }} as segment_at_order_key,
        {{ segment_key_or_unknown('at_event', 'timed.entity_id') }} as segment_at_event_key,
        {{ segment_key_or_unknown('at_present', 'timed.entity_id') }} as segment_current_key
    from timed
    {{ segment_asof('timed.entity_id', 'timed.ordered_date', 'at_order') }}
    {{ segment_asof('timed.entity_id', 'coalesce(timed.first_departed_date, timed.ordered_date)', 'at_event') }}
    {{ segment_asof('timed.entity_id', as_of(), 'at_present') }}
    left join articles on timed.product_id = articles.product_id
    {% for alias, condition in {
        'own_promise': 'timed.customer_id = own_promise.customer_id',
        'class_promise': 'at_order.segment_key = class_promise.segment_key and class_promise.customer_id is null'
            ~ ' and articles.product_family = class_promise.product_class',
        'segment_promise': 'at_order.segment_key = segment_promise.segment_key and segment_promise.customer_id is null'
            ~ ' and segment_promise.product_class is null',
        'general_promise': 'general_promise.is_general and general_promise.customer_id is null'
            ~ ' and general_promise.product_class is null'
    }.items() -%}
    left join promises as {{ alias }}
        on {{ condition }}
        and timed.ordered_date >= {{ alias }}.valid_from
        and timed.ordered_date < {{ alias }}.valid_to
    {% endfor %}

)

select * from final
