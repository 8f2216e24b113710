{#- A view: the rows stand in int_order__line_checked already. -#}
{{ config(materialized='view') }}

with

checked as (

    select * from {{ ref('int_order__line_checked') }}

),

rejected as (

    select
        order_id,
        line_no,
        schedule_no,
        reject_reason as reason,
        case reject_reason
            when 'unknown_order' then concat('No header for order ', order_id)
            when 'unknown_customer' then concat('No customer ', coalesce(customer_id, '(none)'))
            when 'unknown_site' then concat('No site ', coalesce(ship_to_site_id, '(none)'))
            when 'missing_rate' then concat('No rate from ', currency, ' on ', cast(ordered_date as {{ dbt.type_string() }}))
            when 'unknown_product' then concat('No product ', product_id)
            when 'unit_without_conversion' then concat('No conversion of ', uom, ' for product ', product_id)
        end as detail,
        known_at
    from checked
    where reject_reason is not null

)

select * from rejected
