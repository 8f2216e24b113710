{{ config(materialized='view') }}

with

segment_totals as (

    select
        activity_month,
        sum(net_amount_group) as net_amount_group,
        sum(order_lines_count) as order_lines_count
    from {{ ref('mart_segment_kpi_monthly') }}
    group by activity_month

),

invoiced as (

    select
        {{ month_start('posting_date') }} as activity_month,
        sum(net_amount_group) as net_amount_group
    from {{ ref('int_invoice__line') }}
    group by {{ month_start('posting_date') }}

),

ordered as (

    select
        {{ month_start('ordered_date') }} as activity_month,
        count(*) as order_lines_count
    from {{ ref('int_order__line') }}
    group by {{ month_start('ordered_date') }}

),

months as (

    select activity_month from segment_totals
    union
    select activity_month from invoiced
    union
    select activity_month from ordered

),

compared as (

    select
        {{ month_text('months.activity_month') }} as calendar_month,
        coalesce(segment_totals.net_amount_group, 0) as segment_amount,
        coalesce(invoiced.net_amount_group, 0) as company_amount,
        coalesce(segment_totals.order_lines_count, 0) as segment_lines,
        coalesce(ordered.order_lines_count, 0) as company_lines
    from months
    left join segment_totals on months.activity_month = segment_totals.activity_month
    left join invoiced on months.activity_month = invoiced.activity_month
    left join ordered on months.activity_month = ordered.activity_month

)

select
    {{ control_row(
        'R-05', 'CRITICAL', "'month=' || calendar_month || '|measure=net_amount_group'", 'segment_amount', 'company_amount',
        "'net revenue of all segments, with excluded and unknown, against the company'"
    ) }}
from compared

union all

select
    {{ control_row(
        'R-05', 'CRITICAL', "'month=' || calendar_month || '|measure=order_lines'", 'segment_lines', 'company_lines',
        "'order lines of all segments, with excluded and unknown, against the company'"
    ) }}
from compared
