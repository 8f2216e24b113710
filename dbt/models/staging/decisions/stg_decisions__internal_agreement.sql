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
    supplier_function,
    customer_function,
    segment_key,
    metric_id,
    basis,
    target,
    commitment,
    valid_from,
    valid_to,
    excused_by,
    content_hash
from {{ source('decisions', 'internal_agreement') }}
