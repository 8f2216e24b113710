{{ config(materialized='view') }}

select
    seq,
    decided_at,
    subject,
    actor,
    role,
    reason,
    dispute_id,
    settled_value
from {{ source('decisions', 'dispute_settlement') }}
