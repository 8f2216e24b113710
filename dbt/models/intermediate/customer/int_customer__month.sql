with

merges as (

    select customer_id, merged_entity_id, merged_date
    from {{ ref('int_customer__segmentation_entity') }}
    where merged_entity_id is not null

),

orders as (

    select orders.entity_id, merges.customer_id as merged_id, ordered_date, known_at, order_type
    from {{ ref('int_order__header') }} as orders
    left join merges on orders.customer_id = merges.customer_id
    where reject_reason is null

),

order_lines as (

    select lines.entity_id, merges.customer_id as merged_id, ordered_date, known_at, order_type
    from {{ ref('int_order__line') }} as lines
    left join merges on lines.customer_id = merges.customer_id
    where line_role = 'ITEM'

),

invoice_lines as (

    select lines.*, merges.customer_id as merged_id
    from {{ ref('int_invoice__line') }} as lines
    left join merges on lines.customer_id = merges.customer_id
    where entity_id is not null

),

{% set demand_types = "('STANDARD', 'RUSH', 'CONSIGNMENT', 'DROPSHIP')" -%}
ordered as (

    -- A cancelled order is demand all the same; a sample, a gift or a return is not.
    select
        entity_id,
        merged_id,
        {{ month_start('ordered_date') }} as activity_month,
        cast(known_at as date) as known_date,
        min(ordered_date) as first_activity_date,
        min(case when order_type in {{ demand_types }} then ordered_date end) as first_order_date,
        max(case when order_type in {{ demand_types }} then ordered_date end) as last_order_date,
        sum(case when order_type in {{ demand_types }} then 1 else 0 end) as orders_count
    from orders
    group by entity_id, merged_id, {{ month_start('ordered_date') }}, cast(known_at as date)

),

ordered_lines as (

    select
        entity_id,
        merged_id,
        {{ month_start('ordered_date') }} as activity_month,
        cast(known_at as date) as known_date,
        count(*) as order_lines_count
    from order_lines
    where order_type in {{ demand_types }}
    group by entity_id, merged_id, {{ month_start('ordered_date') }}, cast(known_at as date)

),

invoiced as (

    select
        entity_id,
        merged_id,
        {{ month_start('posting_date') }} as activity_month,
        cast(known_at as date) as known_date,
        min(posting_date) as first_activity_date,
        sum(net_amount_group) as net_amount_group,
        sum(case when cogs_amount_group is not null then net_amount_group - cogs_amount_group end) as margin_group,
        sum(case when invoice_type = 'CREDIT' then net_amount_group end) as credit_amount_group,
        count(*) as invoice_lines_count,
        count(cogs_amount_group) as costed_lines_count
    from invoice_lines
    group by entity_id, merged_id, {{ month_start('posting_date') }}, cast(known_at as date)

),

combined as (

    select
        entity_id, merged_id, activity_month, known_date, first_activity_date, first_order_date, last_order_date,
        orders_count, 0 as order_lines_count, 0 as net_amount_group, 0 as margin_group,
        0 as credit_amount_group, 0 as invoice_lines_count, 0 as costed_lines_count
    from ordered

    union all

    select
        entity_id, merged_id, activity_month, known_date, cast(null as date), cast(null as date), cast(null as date),
        0, order_lines_count, 0, 0, 0, 0, 0
    from ordered_lines

    union all

    select
        entity_id, merged_id, activity_month, known_date, first_activity_date, cast(null as date), cast(null as date),
        0, 0, net_amount_group, margin_group, credit_amount_group, invoice_lines_count, costed_lines_count
    from invoiced

),

schemes as (

    -- The active schemes share one record lag; the policy is refused otherwise.
    select
        max(record_lag_days) as record_lag_days,
        max(initial_load_days) as initial_load_days
    from {{ ref('segment_scheme') }}
    where status = 'ACTIVE'

),

policy as (

    select
        schemes.record_lag_days,
        {{ add_days('first_extraction.known_date', 'schemes.initial_load_days') }} as initial_load_end
    from schemes
    cross join (select min(known_date) as known_date from combined) as first_extraction

),

known as (

    -- The evaluation of a month sees what was known before its record time, which is the first day
    -- of the next month plus the lag. What came with the initial load counts as known in time.
    select
        combined.*,
        case
            when combined.known_date < policy.initial_load_end then combined.activity_month
            else greatest(
                combined.activity_month,
                {{ month_start(add_days('combined.known_date', '-1 * policy.record_lag_days')) }}
            )
        end as known_month,
        policy.record_lag_days
    from combined
    cross join policy

),

-- Who was merged counts for the entity of today from the decision on, and until then for its own.
timed as (

    select
        entity_id, activity_month,
        case
            when merges.customer_id is null then known_month
            else greatest(
                known_month,
                {{ month_start(add_days('merges.merged_date', '1 - record_lag_days')) }}
            )
        end as known_month,
        case when merges.customer_id is not null then 'JOINED' end as merge_role,
        first_activity_date, first_order_date, last_order_date,
        orders_count, order_lines_count, net_amount_group, margin_group, credit_amount_group,
        invoice_lines_count, costed_lines_count
    from known
    left join merges on known.merged_id = merges.customer_id

    union all

    select
        merges.merged_entity_id, activity_month, known_month, 'LEFT',
        first_activity_date, first_order_date, last_order_date,
        orders_count, order_lines_count, net_amount_group, margin_group, credit_amount_group,
        invoice_lines_count, costed_lines_count
    from known
    inner join merges
        on known.merged_id = merges.customer_id
        and known.activity_month <= merges.merged_date

),

final as (

    select
        entity_id,
        activity_month,
        known_month,
        merge_role,
        min(first_activity_date) as first_activity_date,
        min(first_order_date) as first_order_date,
        max(last_order_date) as last_order_date,
        cast(sum(orders_count) as bigint) as orders_count,
        cast(sum(order_lines_count) as bigint) as order_lines_count,
        cast(coalesce(sum(net_amount_group), 0) as decimal(18, 4)) as net_amount_group,
        cast(coalesce(sum(margin_group), 0) as decimal(18, 4)) as margin_group,
        cast(coalesce(sum(credit_amount_group), 0) as decimal(18, 4)) as credit_amount_group,
        cast(sum(invoice_lines_count) as bigint) as invoice_lines_count,
        cast(sum(costed_lines_count) as bigint) as costed_lines_count
    from timed
    group by entity_id, activity_month, known_month, merge_role

)

select * from final
