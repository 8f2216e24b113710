{{ config(materialized='view') }}

select
    seq,
    control_id,
    fiscal_period as fiscal_period_id,
    expires_on as expires_date,
    actor,
    reason
from {{ ref('stg_decisions__release_waiver') }}
