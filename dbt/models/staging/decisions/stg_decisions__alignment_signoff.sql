{{ config(materialized='view') }}

select
    seq,
    decided_at,
    subject,
    actor,
    role,
    reason,
    scheme_id,
    scheme_version,
    verdict
from {{ source('decisions', 'alignment_signoff') }}
