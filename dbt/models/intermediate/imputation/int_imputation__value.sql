{#- A view: its one reader is the log. Each branch is one rule of `imputation_rule.csv`. -#}
{{ config(materialized='view') }}
with

sites as (

    select * from {{ ref('int_customer__site') }}

),

new_customers as (

    select * from {{ ref('int_demand__new_customer') }}

),

places as (

    select
        case geo_basis
            when 'POSTCODE_CENTROID' then 'GEO_POSTCODE'
            when 'COUNTRY_CENTROID' then 'GEO_COUNTRY'
            else 'GEO_NONE'
        end as rule_id,
        'site' as entity_type,
        site_id as entity_id,
        cast(latitude as string) || ' ' || cast(longitude as string) as imputed_value,
        case
            when geo_basis = 'UNKNOWN' then 'neither coordinates nor a known country'
            when geo_basis = 'COUNTRY_CENTROID' then 'middle of ' || country
            else 'sites in ' || country || ' ' || postcode
        end as basis,
        geo_basis_count as basis_count,
        cast(null as double) as own_confidence,
        cast(1 as bigint) as values_count
    from sites
    where geo_basis <> 'AS_DELIVERED'

),

time_zones as (

    select
        'TZ_UTC',
        'site',
        coalesce(orders.ship_to_site_id, '(none)'),
        'UTC',
        'orders to a place that is not known',
        cast(0 as bigint),
        cast(null as double),
        cast(count(distinct orders.order_id) as bigint)
    from {{ ref('stg_erp__sales_order') }} as orders
    left join sites on orders.ship_to_site_id = sites.site_id
    where sites.site_id is null
    group by coalesce(orders.ship_to_site_id, '(none)')

),

rates as (

    select
        'FX_CARRY',
        'currency_pair_day',
        from_currency || '/' || to_currency || ' ' || cast(rate_date as string),
        cast(rate as string),
        'last quote before the day',
        cast(1 as bigint),
        cast(null as double),
        cast(1 as bigint)
    from {{ ref('int_currency__rate') }}
    where is_carried_forward

),

companies as (

    select
        'COMPANY_CURRENCY',
        'company',
        company.company_code,
        company.local_currency,
        'ledger of the company or the group',
        cast(0 as bigint),
        cast(null as double),
        cast(1 as bigint)
    from {{ ref('int_calendar__company') }} as company
    left join {{ ref('company') }} as policy on company.company_code = policy.company_code
    where policy.local_currency is null

),

bill_tos as (

    select
        'BILL_TO_SOLD_TO',
        'customer',
        sold_to_customer_id,
        sold_to_customer_id,
        'orders without a bill-to',
        cast(0 as bigint),
        cast(null as double),
        cast(count(*) as bigint)
    from {{ ref('stg_erp__sales_order') }}
    where bill_to_customer_id is null
    group by sold_to_customer_id

),

-- Defaults of a field of a feed: the same for all rows, so they are counted and not listed.
order_lines as (

    select
        sum(case when first_confirmed_at is null and confirmed_at is not null then 1 else 0 end) as unconfirmed_count,
        sum(case when list_price is null then 1 else 0 end) as unlisted_count
    from {{ ref('stg_erp__sales_order_line') }}

),

feed_defaults as (

    select
        'FIRST_CONFIRMED',
        'feed',
        'erp.sales_order_line.first_confirmed_at',
        'confirmed_at of the line',
        'lines with a current confirmation only',
        cast(0 as bigint),
        cast(null as double),
        cast(unconfirmed_count as bigint)
    from order_lines
    where unconfirmed_count > 0

    union all

    select
        'LIST_PRICE',
        'feed',
        'erp.sales_order_line.list_price',
        'net_price of the line',
        'lines without a list price',
        cast(0 as bigint),
        cast(null as double),
        cast(unlisted_count as bigint)
    from order_lines
    where unlisted_count > 0

    union all

    select
        'REBATE_ZERO',
        'feed',
        'erp.invoice_line.rebate_accrual_amount',
        '0',
        'lines without an accrual',
        cast(0 as bigint),
        cast(null as double),
        cast(count(*) as bigint)
    from {{ ref('stg_erp__invoice_line') }}
    where rebate_accrual_amount is null
    having count(*) > 0

),

newcomers as (

    select
        case when orders_per_month is null then 'NO_ANALOGUE' else 'EB_RATE' end,
        'entity',
        entity_id,
        cast(orders_per_month as string),
        coalesce(group_name, null_reason),
        coalesce(analogues_count, 0),
        cast(own_weight as double),
        cast(1 as bigint)
    from new_customers

    union all

    select
        case when order_size_group is null then 'NO_SIZE' else 'EB_SIZE' end,
        'entity',
        entity_id,
        cast(order_size_group as string),
        coalesce(group_name, null_reason),
        coalesce(analogues_count, 0),
        cast(own_weight as double),
        cast(1 as bigint)
    from new_customers

    union all

    select
        case when default_segment_code is null then 'TIER_NONE' else 'TIER_OPPORTUNITY' end,
        'entity',
        entity_id,
        default_segment_code,
        case when default_segment_code is null then no_default_segment_reason else 'opportunity ' || opportunity_id end,
        cast(case when default_segment_code is null then 0 else 1 end as bigint),
        cast(null as double),
        cast(1 as bigint)
    from new_customers

),

final as (

    select * from places
    union all
    select * from time_zones
    union all
    select * from rates
    union all
    select * from companies
    union all
    select * from bill_tos
    union all
    select * from feed_defaults
    union all
    select * from newcomers

)

select * from final
