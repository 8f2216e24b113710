with

coverage as (

    select * from {{ ref('int_invoice__coverage') }}

),

activity as (

    select
        entity_id,
        activity_month,
        cast(sum(orders_count) as bigint) as orders_count,
        cast(sum(order_lines_count) as bigint) as order_lines_count,
        cast(sum(net_amount_group) as decimal(18, 4)) as net_amount_group,
        cast(sum(margin_group) as decimal(18, 4)) as margin_group,
        cast(sum(credit_amount_group) as decimal(18, 4)) as credit_amount_group,
        cast(sum(invoice_lines_count) as bigint) as invoice_lines_count,
        cast(sum(costed_lines_count) as bigint) as costed_lines_count,
        {{ add_days(add_months('activity_month', '1'), '-1') }} as last_day
    from {{ ref('int_customer__month') }}
    where merge_role is null or merge_role = 'JOINED'
    group by entity_id, activity_month

)

select
    activity.entity_id,
    activity.activity_month,
    {{ segment_key_or_unknown('month_end', 'activity.entity_id') }} as segment_month_end_key,
    activity.orders_count,
    activity.order_lines_count,
    case when coverage.has_invoices then activity.net_amount_group end as net_amount_group,
    case when activity.costed_lines_count > 0 then activity.margin_group end as margin_group,
    case when coverage.has_invoices then activity.credit_amount_group end as credit_amount_group,
    activity.invoice_lines_count,
    case when not coverage.has_invoices then 'no invoice in the sources' end as amount_null_reason
from activity
cross join coverage
{{ segment_asof('activity.entity_id', 'activity.last_day', 'month_end') }}
