{{ config(materialized='view') }}

select
    seq,
    decided_at,
    subject,
    actor,
    role,
    reason,
    agreement_id,
    agreement_version,
    content_hash
from {{ source('decisions', 'agreement_signature') }}
