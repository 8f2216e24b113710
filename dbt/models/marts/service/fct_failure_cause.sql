{#- Evidence of the seed `failure_cause`; the condition of each is below. -#}
{%- set evidence = [
    'refused', 'credit_held', 'customer_moved', 'customer_cancelled_late', 'cancelled_by_us', 'given_elsewhere',
    'stock_record_wrong', 'supplier_late', 'demand_surged', 'out_of_stock', 'no_capacity', 'picked_short', 'not_shipped',
    'promise_moved', 'released_late', 'picked_late', 'packed_late', 'loaded_late', 'carrier_exception', 'transit_long',
    'damaged', 'no_report', 'split', 'shipped_less', 'shipped_more', 'came_early', 'arrived_late',
    'left_late', 'nothing'
] -%}
{#- Demand of a month beyond mean and 1.645 deviations of the twelve before: what a stock for 95 % covers. -#}
{%- set surge_deviations, surge_min_months = 1.645, 6 -%}
{{ config(materialized=large_table(), unique_key=['order_id'], touched='int_touched__failure') }}

with

failed as (

    select
        *,
        {{ month_start('ordered_date') }} as ordered_month,
        -- What came too late as a whole was late, and is not counted as missing beside.
        not is_in_full_first
        and (is_on_time_first or delivered_base_qty * 100 < {{ times('countable_base_qty', '100 - under_pct - 0.0001') }}) as is_short,
        not is_on_time_first as is_late
    from {{ ref('fct_order_line_service') }}
    where is_due_first
        and not is_otif_first
        {{ only_touched('order_id', 'int_touched__failure', 'order_id', 'and') }}

),

order_lines as (

    select order_id, line_no, schedule_no, customer_cancelled_late_base_qty, seller_cancelled_base_qty, due_first_start, due_first_limit
    from {{ ref('int_order__line') }}
    {{ only_touched('order_id', 'int_touched__failure', 'order_id') }}

),

headers as (

    select order_id, credit_status from {{ ref('int_order__header') }}
    {{ only_touched('order_id', 'int_touched__failure', 'order_id') }}

),

changes as (

    select
        order_id,
        line_no,
        schedule_no,
        max(case when event_type = 'PROMISE_MOVED' and changed_by = 'CUSTOMER' then 1 else 0 end) as customer_moved,
        max(case when event_type = 'PROMISE_MOVED' and changed_by = 'SELLER' and reason = 'STOCKOUT' then 1 else 0 end)
            as moved_for_stock,
        max(case when event_type = 'PROMISE_MOVED' and changed_by = 'SELLER' and reason = 'CAPACITY' then 1 else 0 end)
            as moved_for_capacity,
        max(case when event_type = 'PROMISE_MOVED' and changed_by = 'SELLER' and reason = 'ALLOCATION' then 1 else 0 end)
            as moved_for_others,
        max(case when event_type = 'PROMISE_MOVED' and coalesce(changed_by, 'SELLER') = 'SELLER' then 1 else 0 end)
            as seller_moved
    from {{ ref('int_order__line_event') }}
    {{ only_touched('order_id', 'int_touched__failure', 'order_id') }}
    group by order_id, line_no, schedule_no

),

pieces as (

    select
        order_id,
        order_line_no as line_no,
        coalesce(schedule_no, 1) as schedule_no,
        shipment_id,
        short_reason,
        short_base_qty,
        departed_at,
        departed_date,
        delivered_at,
        delivered_date
    from {{ ref('int_shipment__line') }}
    where order_id <> '-2'
        {{ only_touched('order_id', 'int_touched__failure', 'order_id', 'and') }}

),

shipped as (

    select
        failed.order_id,
        failed.line_no,
        failed.schedule_no,
        count(*) as piece_count,
        count(distinct pieces.departed_date) as departure_count,
        count(pieces.delivered_at) as delivered_count,
        max({{ days_between('pieces.departed_date', 'pieces.delivered_date') }}) as transit_days,
        max(case when pieces.short_reason = 'STOCKOUT' then 1 else 0 end) as short_of_stock,
        max(case when pieces.short_reason = 'ALLOCATION' then 1 else 0 end) as short_for_others,
        max(case when pieces.short_reason = 'PICK_ERROR' then 1 else 0 end) as short_by_pick,
        max(case when pieces.short_reason = 'RECORD' then 1 else 0 end) as short_by_record
    from failed
    inner join pieces
        on failed.order_id = pieces.order_id
        and failed.line_no = pieces.line_no
        and failed.schedule_no = pieces.schedule_no
    group by failed.order_id, failed.line_no, failed.schedule_no

),

standards as (

    select
        {% for stage in ['RELEASE', 'PICK', 'PACK', 'LOAD', 'DISPATCH', 'TRANSIT'] -%}
        max(case when stage = '{{ stage }}' then standard_minutes end) as {{ stage | lower }}_standard{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('stage_standard') }}

),

-- Any shipment of the line may have been the one that made it late.
on_the_way as (

    select
        failed.order_id,
        failed.line_no,
        failed.schedule_no,
        max(case when stage.refused_at is not null then 1 else 0 end) as refused,
        max(case when stage.exception_at is not null then 1 else 0 end) as carrier_exception,
        max(case when stage.release_minutes > standards.release_standard then 1 else 0 end) as released_late,
        max(case when stage.pick_minutes > standards.pick_standard then 1 else 0 end) as picked_late,
        max(case when stage.pack_minutes > standards.pack_standard then 1 else 0 end) as packed_late,
        max(
            case
                when stage.load_minutes > standards.load_standard
                    or stage.dispatch_minutes > standards.dispatch_standard then 1
                else 0
            end
        ) as loaded_late,
        max(case when stage.transit_minutes > standards.transit_standard then 1 else 0 end) as transit_long,
        max(stage.shipment_id) as shipment_id
    from failed
    inner join pieces
        on failed.order_id = pieces.order_id
        and failed.line_no = pieces.line_no
        and failed.schedule_no = pieces.schedule_no
    inner join {{ ref('fct_order_stage') }} as stage
        on pieces.order_id = stage.order_id
        and pieces.shipment_id = stage.shipment_id
    cross join standards
    group by failed.order_id, failed.line_no, failed.schedule_no

),

damages as (

    select distinct pieces.order_id, pieces.line_no, pieces.schedule_no
    from pieces
    inner join {{ ref('int_delivery__event') }} as delivery on pieces.shipment_id = delivery.shipment_id
    where delivery.damaged_at is not null

),

stockouts as (

    select failed.order_id, failed.line_no, failed.schedule_no, failed.product_id, failed.ship_from_site_id,
        failed.ordered_month,
        -- The goods had to leave so many days before the promised one as the road takes.
        {{ add_days('failed.due_first_date', '-coalesce(shipped.transit_days, 0)') }} as needed_date
    from failed
    left join changes
        on failed.order_id = changes.order_id
        and failed.line_no = changes.line_no
        and failed.schedule_no = changes.schedule_no
    left join shipped
        on failed.order_id = shipped.order_id
        and failed.line_no = shipped.line_no
        and failed.schedule_no = shipped.schedule_no
    where changes.moved_for_stock = 1
        or shipped.short_of_stock = 1
        or shipped.short_by_record = 1

),

stock_reasons as (

    select
        stockouts.order_id,
        stockouts.line_no,
        stockouts.schedule_no,
        max(case when event.event_kind = 'PO_LINE' then 1 else 0 end) as supplier_late,
        max(case when event.event_kind = 'SHRINKAGE' then 1 else 0 end) as stock_record_wrong
    from stockouts
    inner join {{ ref('int_service__stock_event') }} as event
        on stockouts.product_id = event.product_id
        and stockouts.ship_from_site_id = event.site_id
        and event.event_kind in ('PO_LINE', 'SHRINKAGE')
        and event.from_date <= stockouts.needed_date
        and event.from_date < event.to_date
        -- Two days of grace: a weekend may lie between.
        and event.to_date > {{ add_days('stockouts.needed_date', -2) }}
    group by stockouts.order_id, stockouts.line_no, stockouts.schedule_no

),

surges as (

    select
        stockouts.order_id,
        stockouts.line_no,
        stockouts.schedule_no,
        max(case when demand.ordered_month = stockouts.ordered_month then cast(demand.demand_base_qty as double) end) as asked,
        count(case when demand.ordered_month < stockouts.ordered_month then 1 end) as months,
        sum(case when demand.ordered_month < stockouts.ordered_month then cast(demand.demand_base_qty as double) end)
            / 12 as mean_qty,
        sum(
            case
                when demand.ordered_month < stockouts.ordered_month
                    then cast(demand.demand_base_qty as double) * cast(demand.demand_base_qty as double)
            end
        ) / 12 as mean_square
    from stockouts
    inner join {{ ref('int_service__demand_month') }} as demand
        on stockouts.product_id = demand.product_id
        and stockouts.ship_from_site_id = demand.site_id
        and demand.ordered_month <= stockouts.ordered_month
        and demand.ordered_month >= {{ add_months('stockouts.ordered_month', -12) }}
    group by stockouts.order_id, stockouts.line_no, stockouts.schedule_no

),

found as (

    select
        failed.order_id,
        failed.line_no,
        failed.schedule_no,
        failed.entity_id,
        failed.segment_at_order_key,
        failed.ship_from_site_id,
        failed.due_first_date,
        failed.net_amount_group,
        failed.is_short,
        failed.is_late or failed.is_cancelled_by_seller as is_late,
        on_the_way.shipment_id,
        coalesce(on_the_way.refused, 0) as refused,
        case when headers.credit_status in ('HELD', 'RELEASED') then 1 else 0 end as credit_held,
        case when changes.customer_moved = 1 and not failed.is_first_rebased then 1 else 0 end as customer_moved,
        case when order_lines.customer_cancelled_late_base_qty > 0 then 1 else 0 end as customer_cancelled_late,
        case
            when order_lines.seller_cancelled_base_qty > 0 and coalesce(shipped.short_by_pick, 0) = 0
                and coalesce(shipped.short_of_stock, 0) = 0 then 1
            else 0
        end as cancelled_by_us,
        greatest(coalesce(shipped.short_for_others, 0), coalesce(changes.moved_for_others, 0)) as given_elsewhere,
        greatest(coalesce(shipped.short_by_record, 0), coalesce(stock_reasons.stock_record_wrong, 0)) as stock_record_wrong,
        coalesce(stock_reasons.supplier_late, 0) as supplier_late,
        case
            when surges.months >= {{ surge_min_months }}
                and surges.asked
                    > surges.mean_qty
                    + {{ surge_deviations }} * sqrt(greatest(surges.mean_square - surges.mean_qty * surges.mean_qty, 0))
                then 1
            else 0
        end as demand_surged,
        case when stockouts.order_id is not null then 1 else 0 end as out_of_stock,
        coalesce(changes.moved_for_capacity, 0) as no_capacity,
        coalesce(shipped.short_by_pick, 0) as picked_short,
        case when shipped.order_id is null and failed.shipped_base_qty = 0 then 1 else 0 end as not_shipped,
        coalesce(changes.seller_moved, 0) as promise_moved,
        coalesce(on_the_way.released_late, 0) as released_late,
        coalesce(on_the_way.picked_late, 0) as picked_late,
        coalesce(on_the_way.packed_late, 0) as packed_late,
        coalesce(on_the_way.loaded_late, 0) as loaded_late,
        coalesce(on_the_way.carrier_exception, 0) as carrier_exception,
        coalesce(on_the_way.transit_long, 0) as transit_long,
        case when damages.order_id is not null then 1 else 0 end as damaged,
        case when shipped.delivered_count < shipped.piece_count then 1 else 0 end as no_report,
        case when shipped.departure_count > 1 then 1 else 0 end as split,
        case when failed.shipped_base_qty > 0 and failed.shipped_base_qty < failed.countable_base_qty then 1 else 0 end
            as shipped_less,
        case when failed.shipped_base_qty > failed.countable_base_qty then 1 else 0 end as shipped_more,
        case when failed.first_delivered_at < order_lines.due_first_start then 1 else 0 end as came_early,
        case
            when failed.last_departed_at < order_lines.due_first_limit
                and failed.last_delivered_at >= order_lines.due_first_limit then 1
            else 0
        end as arrived_late,
        case when failed.last_departed_at >= order_lines.due_first_limit then 1 else 0 end as left_late,
        1 as nothing
    from failed
    inner join order_lines
        on failed.order_id = order_lines.order_id
        and failed.line_no = order_lines.line_no
        and failed.schedule_no = order_lines.schedule_no
    inner join headers on failed.order_id = headers.order_id
    {% for relation in ['changes', 'shipped', 'on_the_way', 'damages', 'stockouts', 'stock_reasons', 'surges'] -%}
    left join {{ relation }}
        on failed.order_id = {{ relation }}.order_id
        and failed.line_no = {{ relation }}.line_no
        and failed.schedule_no = {{ relation }}.schedule_no
    {% endfor %}

),

-- What a line lacked, completeness or punctuality, is explained for itself.
lacks as (

    select *, 'SHORT' as lack from found where is_short
    union all
    select *, 'LATE' as lack from found where is_late or not is_short

),

explained as (

    select
        lacks.order_id,
        lacks.line_no,
        lacks.schedule_no,
        lacks.lack,
        min(rule.rank) as first_rank,
        count(case when rule.evidence <> 'nothing' then 1 end) as evidence_count,
        {{ sorted_text("case when rule.evidence <> 'nothing' then rule.evidence end") }} as evidence
    from lacks
    inner join {{ ref('failure_cause') }} as rule
        on rule.explains in (lacks.lack, 'BOTH')
        and case rule.evidence
            {% for name in evidence -%}
            when '{{ name }}' then lacks.{{ name }}
            {% endfor %}
        end = 1
    group by lacks.order_id, lacks.line_no, lacks.schedule_no, lacks.lack

),

shared as (

    select
        explained.order_id,
        explained.line_no,
        explained.schedule_no,
        rule.cause_code,
        min(rule.rank) as first_rank,
        max(rule.category) as category,
        max(rule.accountable) as accountable,
        count(*) as lacks_explained,
        max(explained.evidence) as evidence,
        max(explained.evidence_count) as evidence_count
    from explained
    inner join {{ ref('failure_cause') }} as rule on explained.first_rank = rule.rank
    group by explained.order_id, explained.line_no, explained.schedule_no, rule.cause_code

),

overridden as (

    select * from {{ ref('int_service__cause_override') }}

),

final as (

    select
        shared.order_id,
        shared.line_no,
        shared.schedule_no,
        shared.cause_code,
        shared.category,
        shared.accountable,
        {{ safe_divide(
            'shared.lacks_explained',
            'sum(shared.lacks_explained) over (partition by shared.order_id, shared.line_no, shared.schedule_no)'
        ) }} as share,
        shared.first_rank = min(shared.first_rank) over (partition by shared.order_id, shared.line_no, shared.schedule_no)
            as is_primary,
        shared.evidence,
        cast(shared.evidence_count as bigint) as evidence_count
    from shared

)

select
    final.order_id,
    final.line_no,
    final.schedule_no,
    final.cause_code,
    final.category,
    final.accountable,
    final.share,
    final.is_primary,
    final.evidence,
    final.evidence_count,
    overridden.cause_code as overriding_cause_code,
    overridden.actor as overridden_by,
    overridden.reason as override_reason,
    coalesce(overridden.cause_code, final.cause_code) as effective_cause_code,
    found.entity_id,
    found.segment_at_order_key,
    found.ship_from_site_id,
    found.shipment_id,
    found.due_first_date,
    found.is_short,
    found.is_late,
    found.net_amount_group
from final
inner join found
    on final.order_id = found.order_id
    and final.line_no = found.line_no
    and final.schedule_no = found.schedule_no
left join overridden
    on final.order_id = overridden.order_id
    and final.line_no = overridden.line_no
    and final.schedule_no = overridden.schedule_no
