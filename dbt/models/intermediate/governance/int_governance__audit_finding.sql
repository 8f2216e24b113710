{{ config(materialized='view') }}

select check_id, status, seq, detail from {{ ref('stg_audit__finding') }}
