{{ config(materialized='view') }}

select
    seq,
    decided_at,
    subject,
    actor,
    role,
    reason,
    control_id,
    fiscal_period,
    expires_on
from {{ source('decisions', 'release_waiver') }}
