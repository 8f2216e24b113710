{{ config(materialized=large_table(), unique_key=['order_id'], touched='int_touched__order') }}

with

orders as (

    select * from {{ ref('stg_erp__sales_order') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}

),

entities as (

    select * from {{ ref('int_customer__segmentation_entity') }}

),

sites as (

    select site_id, tz_name from {{ ref('stg_erp__site') }}

),

rates as (

    select from_currency, rate_date, rate
    from {{ ref('int_currency__rate') }}
    where to_currency = '{{ var("group_currency") }}'

),

tolerances as (

    select * from {{ ref('service_tolerance') }}

),

lines as (

    select order_id, line_no, schedule_no, revision, product_id, ship_from_site_id
    from {{ ref('stg_erp__sales_order_line') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}

),

products as (

    select product_id, is_hazmat, is_cold_chain from {{ ref('stg_erp__product') }}

),

revised_lines as (

    select order_id, line_no, schedule_no, max(revision) as newest_revision
    from lines
    where revision > 1
    group by order_id, line_no, schedule_no

),

goods as (

    -- What decides which services an order can have: where its goods leave from and what they are.
    select
        lines.order_id,
        min(lines.ship_from_site_id) as ship_from_site_id,
        min(lines.ship_from_site_id) <> max(lines.ship_from_site_id) as is_from_several_sites,
        max(case when products.is_hazmat then 1 else 0 end) = 1 as has_hazmat,
        max(case when products.is_cold_chain then 1 else 0 end) = 1 as has_cold_chain
    from lines
    left join products on lines.product_id = products.product_id
    left join revised_lines as revised
        on lines.order_id = revised.order_id
        and lines.line_no = revised.line_no
        and lines.schedule_no = revised.schedule_no
    where revised.order_id is null or lines.revision = revised.newest_revision
    group by lines.order_id

),

site_feed as (

    -- Sites are an optional feed: without it a site number is only a number.
    select count(*) > 0 as has_sites from sites

),

revised as (

    select
        order_id,
        max(revision) as newest_revision,
        min(_known_at) as revised_known_at
    from orders
    where revision > 1
    group by order_id

),

first_known as (

    select
        orders.order_id,
        min(orders._known_at) as known_at
    from orders
    inner join revised on orders.order_id = revised.order_id
    group by orders.order_id

),

group_books as (

    select tz_name from {{ group_time_zone() }} as books

),

newest as (

    select
        orders.*,
        {{ business_day('orders.ordered_at', 'group_books.tz_name') }} as ordered_date,
        coalesce(first_known.known_at, orders._known_at) as known_at
    from orders
    cross join group_books
    left join revised on orders.order_id = revised.order_id
    left join first_known on orders.order_id = first_known.order_id
    where orders.revision = coalesce(revised.newest_revision, orders.revision)

),

resolved as (

    select
        newest.order_id,
        newest.revision,
        newest.order_type,
        newest.channel,
        newest.sold_to_customer_id as customer_id,
        coalesce(newest.bill_to_customer_id, newest.sold_to_customer_id) as bill_to_customer_id,
        coalesce(
            newest.payer_customer_id, newest.bill_to_customer_id, newest.sold_to_customer_id
        ) as payer_customer_id,
        newest.ship_to_site_id,
        coalesce(sites.tz_name, 'UTC') as ship_to_tz_name,
        {{ entity_on('entities', 'newest.ordered_at') }} as entity_id,
        coalesce(entities.is_excluded, false) as is_excluded_customer,
        newest.sales_org,
        newest.sales_rep_id,
        newest.currency,
        newest.ordered_at,
        newest.ordered_date,
        newest.requested_at,
        newest.contract_id,
        newest.is_partial_allowed,
        newest.priority_code,
        newest.credit_status,
        newest.cancelled_at,
        newest.total_net,
        goods.ship_from_site_id,
        goods.is_from_several_sites,
        goods.has_hazmat,
        goods.has_cold_chain,
        newest.known_at,
        case
            when newest.currency = '{{ var("group_currency") }}' then cast(1 as decimal(18, 8))
            else rates.rate
        end as fx_rate_to_group,
        coalesce(own_rule.due_test, general_rule.due_test) as due_test,
        case
            when own_rule.order_type is null then general_rule.early_days else own_rule.early_days
        end as policy_early_days,
        coalesce(own_rule.late_days, general_rule.late_days) as policy_late_days,
        coalesce(own_rule.under_pct, general_rule.under_pct) as policy_under_pct,
        coalesce(own_rule.over_pct, general_rule.over_pct) as policy_over_pct,
        case
            when not coalesce(own_rule.is_service_relevant, general_rule.is_service_relevant)
                then coalesce(own_rule.why, general_rule.why)
            when entities.is_excluded then 'customer excluded from segmentation'
        end as service_irrelevant_reason,
        case
            when entities.customer_id is null then 'unknown_customer'
            when newest.ship_to_site_id is not null and sites.site_id is null and site_feed.has_sites
                then 'unknown_site'
            when newest.currency <> '{{ var("group_currency") }}' and rates.rate is null
                then 'missing_rate'
        end as reject_reason,
        {{ imputed_rules({
            'TZ_UTC': 'sites.site_id is null',
            'BILL_TO_SOLD_TO': 'newest.bill_to_customer_id is null',
            'PAYER_BILL_TO': 'newest.payer_customer_id is null'
        }) }} as imputed_rules
    from newest
    cross join site_feed
    left join goods on newest.order_id = goods.order_id
    left join entities on newest.sold_to_customer_id = entities.customer_id
    left join sites on newest.ship_to_site_id = sites.site_id
    left join rates
        on newest.currency = rates.from_currency
        and newest.ordered_date = rates.rate_date
    left join tolerances as own_rule on newest.order_type = own_rule.order_type
    left join tolerances as general_rule on general_rule.order_type = '*'

)

select * from resolved
