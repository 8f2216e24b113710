{{ config(materialized='view') }}

select
    seq,
    decided_at,
    subject,
    actor,
    role,
    reason,
    left_id,
    right_id,
    verdict
from {{ source('decisions', 'identity_verdict') }}
