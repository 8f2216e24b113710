{{ config(materialized='view') }}

select
    seq,
    decided_at,
    kind,
    subject,
    actor,
    role,
    reason,
    content,
    prev_hash,
    hash
from {{ source('audit', 'chain') }}
