with

order_lines as (

    select * from {{ ref('fct_order_line') }}

),

invoice_lines as (

    select * from {{ ref('fct_invoice_line') }}

),

coverage as (

    select * from {{ ref('int_invoice__coverage') }}

),

assignments as (

    select * from {{ ref('dim_customer_segment') }}
    where is_latest_belief and scheme_id = '{{ fact_scheme() }}'

),

service as (

    select * from {{ ref('mart_service_attainment') }}
    where basis = 'FIRST' and metric_id in ('OTIF', 'UNIT_FILL_RATE')

),

ordered_by_entity as (

    -- An order is one entity's and has one date, so its count adds up over entities.
    select
        segment_at_order_key as segment_key,
        {{ month_start('ordered_date') }} as activity_month,
        entity_id,
        count(distinct order_id) as orders_count,
        count(*) as order_lines_count,
        sum(net_amount_group) as ordered_net_amount_group
    from order_lines
    group by segment_at_order_key, {{ month_start('ordered_date') }}, entity_id

),

invoiced_by_entity as (

    select
        segment_at_event_key as segment_key,
        {{ month_start('posting_date') }} as activity_month,
        entity_id,
        sum(net_amount_group) as net_amount_group,
        sum(case when cogs_amount_group is not null then net_amount_group - cogs_amount_group end) as gross_margin_group
    from invoice_lines
    group by segment_at_event_key, {{ month_start('posting_date') }}, entity_id

),

ordered as (

    select
        segment_key,
        activity_month,
        sum(orders_count) as orders_count,
        sum(order_lines_count) as order_lines_count,
        sum(ordered_net_amount_group) as ordered_net_amount_group
    from ordered_by_entity
    group by segment_key, activity_month

),

invoiced as (

    select
        segment_key,
        activity_month,
        sum(net_amount_group) as net_amount_group,
        sum(gross_margin_group) as gross_margin_group
    from invoiced_by_entity
    group by segment_key, activity_month

),

active as (

    select segment_key, activity_month, count(distinct entity_id) as active_entities_count
    from (
        select segment_key, activity_month, entity_id from ordered_by_entity
        union all
        select segment_key, activity_month, entity_id from invoiced_by_entity
    ) as seen
    group by segment_key, activity_month

),

served as (

    select
        segment_key,
        due_month as activity_month,
        max(case when metric_id = 'OTIF' then numerator end) as otif_first_numerator,
        max(case when metric_id = 'OTIF' then denominator end) as otif_first_denominator,
        max(case when metric_id = 'OTIF' then value end) as otif_first,
        max(case when metric_id = 'UNIT_FILL_RATE' then value end) as unit_fill_rate_first,
        max(null_reason) as service_null_reason
    from service
    group by segment_key, due_month

),

months as (

    select distinct activity_month from (
        select activity_month from active
        union all
        select activity_month from served
    ) as seen

),

members as (

    select
        assignments.segment_key,
        months.activity_month,
        count(*) as entities_count
    from months
    inner join assignments
        on {{ add_days(add_months('months.activity_month', '1'), '-1') }} >= assignments.valid_from
        and {{ add_days(add_months('months.activity_month', '1'), '-1') }} < assignments.valid_to
    group by assignments.segment_key, months.activity_month

),

cells as (

    select segment_key, activity_month from active
    union
    select segment_key, activity_month from served
    union
    select segment_key, activity_month from members

),

final as (

    select
        cells.segment_key,
        cells.activity_month,
        cast(coalesce(members.entities_count, 0) as bigint) as entities_count,
        cast(coalesce(active.active_entities_count, 0) as bigint) as active_entities_count,
        cast(coalesce(ordered.orders_count, 0) as bigint) as orders_count,
        cast(coalesce(ordered.order_lines_count, 0) as bigint) as order_lines_count,
        cast(coalesce(ordered.ordered_net_amount_group, 0) as decimal(18, 4)) as ordered_net_amount_group,
        cast(case when coverage.has_invoices then coalesce(invoiced.net_amount_group, 0) end as decimal(18, 4))
            as net_amount_group,
        cast(invoiced.gross_margin_group as decimal(18, 4)) as gross_margin_group,
        case when not coverage.has_invoices then 'no invoice in the sources' end as amount_null_reason,
        served.otif_first_numerator,
        served.otif_first_denominator,
        served.otif_first,
        served.unit_fill_rate_first,
        case when served.otif_first is null then coalesce(served.service_null_reason, 'no line was due') end
            as service_null_reason
    from cells
    cross join coverage
    left join members
        on cells.segment_key = members.segment_key and cells.activity_month = members.activity_month
    left join active
        on cells.segment_key = active.segment_key and cells.activity_month = active.activity_month
    left join ordered
        on cells.segment_key = ordered.segment_key and cells.activity_month = ordered.activity_month
    left join invoiced
        on cells.segment_key = invoiced.segment_key and cells.activity_month = invoiced.activity_month
    left join served
        on cells.segment_key = served.segment_key and cells.activity_month = served.activity_month

),

contested as (

    select segment_key, activity_month, {{ sorted_text('metric_id', ', ') }} as metrics
    from {{ ref('int_governance__dispute') }}
    where settled_at is null
    group by segment_key, activity_month

),

totals as (

    select activity_month, sum(net_amount_group) as net_amount_group
    from final
    group by activity_month

)

select
    final.segment_key,
    final.activity_month,
    final.entities_count,
    final.active_entities_count,
    final.orders_count,
    final.order_lines_count,
    final.ordered_net_amount_group,
    final.net_amount_group,
    {{ safe_divide('final.net_amount_group', 'totals.net_amount_group') }} as net_amount_share,
    final.gross_margin_group,
    final.amount_null_reason,
    final.otif_first_numerator,
    final.otif_first_denominator,
    final.otif_first,
    final.unit_fill_rate_first,
    final.service_null_reason,
    contested.segment_key is not null as is_contested,
    contested.metrics as contested_metrics
from final
inner join totals on final.activity_month = totals.activity_month
left join contested
    on final.segment_key = contested.segment_key
    and final.activity_month = contested.activity_month
