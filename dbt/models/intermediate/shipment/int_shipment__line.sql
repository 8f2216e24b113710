{#- A view: the rows stand in int_shipment__line_checked already. -#}
{{ config(materialized='view') }}

select * from {{ ref('int_shipment__line_checked') }} where reject_reason is null
