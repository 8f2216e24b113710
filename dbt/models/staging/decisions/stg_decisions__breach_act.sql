{{ config(materialized='view') }}

select
    seq,
    decided_at,
    subject,
    actor,
    role,
    reason,
    breach_id,
    act,
    step,
    cause,
    evidence,
    cost_group,
    pause_reason
from {{ source('decisions', 'breach_act') }}
