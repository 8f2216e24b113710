{{ config(materialized='view') }}

select
    seq,
    decided_at,
    subject,
    actor,
    role,
    reason,
    person_kind,
    person_id
from {{ source('decisions', 'person_erasure') }}
