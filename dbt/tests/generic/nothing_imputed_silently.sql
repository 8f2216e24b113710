{#-
    Every null in a required metric has a row in the imputation log. The nulls are looked for where
    they come in, in staging, and not where they were filled: a model that fills in silently is
    found out. Each row is a null that the log does not know.
-#}
{% test nothing_imputed_silently(model) %}
with

missing as (

    select 'site.coordinates' as metric, site_id as entity_id
    from {{ ref('stg_erp__site') }}
    where latitude is null or longitude is null

    union all

    select distinct 'order.ship_to_time_zone', coalesce(orders.ship_to_site_id, '(none)')
    from {{ ref('stg_erp__sales_order') }} as orders
    left join {{ ref('stg_erp__site') }} as site on orders.ship_to_site_id = site.site_id
    where site.site_id is null

    union all

    select distinct 'order.bill_to_customer', sold_to_customer_id
    from {{ ref('stg_erp__sales_order') }}
    where bill_to_customer_id is null

    union all

    select metric, entity_id
    from (
        select
            max(case when first_confirmed_at is null and confirmed_at is not null then 1 else 0 end) as is_unconfirmed,
            max(case when list_price is null then 1 else 0 end) as is_unlisted
        from {{ ref('stg_erp__sales_order_line') }}
    ) as order_lines
    inner join (
        select 'order_line.first_confirmed_at' as metric, 'erp.sales_order_line.first_confirmed_at' as entity_id
        union all
        select 'order_line.list_price', 'erp.sales_order_line.list_price'
    ) as field
        on (field.metric = 'order_line.first_confirmed_at' and order_lines.is_unconfirmed = 1)
        or (field.metric = 'order_line.list_price' and order_lines.is_unlisted = 1)

    union all

    select distinct 'invoice_line.rebate_accrual', 'erp.invoice_line.rebate_accrual_amount'
    from {{ ref('stg_erp__invoice_line') }}
    where rebate_accrual_amount is null

    union all

    select field.metric, entity.entity_id
    from {{ ref('int_segment__entity') }} as entity
    left join (
        select entity_id, sum(orders_count) as orders_count
        from {{ ref('int_customer__month') }}
        group by entity_id
    ) as ordered on entity.entity_id = ordered.entity_id
    cross join (
        select max(onboarding_min_orders) as min_orders from {{ ref('segment_scheme') }} where status = 'ACTIVE'
    ) as policy
    cross join (
        select 'customer.order_rate' as metric
        union all
        select 'customer.order_size'
        union all
        select 'customer.default_segment'
    ) as field
    where not entity.is_excluded
        and coalesce(ordered.orders_count, 0) < policy.min_orders

)

select missing.metric, missing.entity_id
from missing
left join {{ model }} as logged
    on missing.metric = logged.metric
    and missing.entity_id = logged.entity_id
where logged.metric is null
{% endtest %}
