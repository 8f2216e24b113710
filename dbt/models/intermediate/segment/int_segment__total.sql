{{ config(materialized='ephemeral') }}

select * from {{ ref('stg_analytics__segment_total') }}
