{{ config(materialized='view') }}

select check_id, status, seq, detail from {{ source('audit', 'finding') }}
