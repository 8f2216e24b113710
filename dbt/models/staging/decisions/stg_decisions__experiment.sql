{{ config(materialized='view') }}

select
    seq,
    decided_at,
    subject,
    actor,
    role,
    reason,
    experiment_id,
    request_id,
    segment_key,
    region,
    metric_id,
    basis,
    start_month,
    end_month,
    expected_effect
from {{ source('decisions', 'experiment') }}
