{{ config(materialized='view') }}

select
    seq,
    decided_at,
    subject,
    actor,
    role,
    reason,
    delegate,
    valid_from,
    valid_to
from {{ source('decisions', 'delegation') }}
