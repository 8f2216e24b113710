{#- A view: the rows stand in int_shipment__line_checked already. -#}
{{ config(materialized='view') }}

with

checked as (

    select * from {{ ref('int_shipment__line_checked') }}

),

rejected as (

    select
        shipment_id,
        line_no,
        reject_reason as reason,
        case reject_reason
            when 'unknown_shipment' then concat('No header for shipment ', shipment_id)
            when 'unknown_order' then concat('No order ', order_id)
            when 'unknown_product' then concat('No product ', product_id)
            when 'unit_without_conversion' then concat('No conversion of ', uom, ' for product ', product_id)
        end as detail,
        known_at
    from checked
    where reject_reason is not null

)

select * from rejected
