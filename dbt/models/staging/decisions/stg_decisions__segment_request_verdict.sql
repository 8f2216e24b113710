{{ config(materialized='view') }}

select
    seq,
    decided_at,
    subject,
    actor,
    role,
    reason,
    request_id,
    act,
    on_behalf_of,
    entity_id,
    outcome,
    refusal
from {{ source('decisions', 'segment_request_verdict') }}
