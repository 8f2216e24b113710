{{ config(materialized='view') }}

select
    seq,
    decided_at,
    subject,
    actor,
    role,
    reason,
    dispute_id,
    metric_id,
    segment_key,
    activity_month,
    other_party,
    own_value,
    other_value
from {{ source('decisions', 'dispute') }}
