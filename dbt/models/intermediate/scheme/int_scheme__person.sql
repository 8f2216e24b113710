{{ config(materialized='view') }}

select user_id as person_id, function as function_code, is_active, left_date
from {{ ref('stg_hr__user') }}
