{{ config(materialized='view') }}

select
    seq,
    decided_at,
    subject,
    actor,
    role,
    reason,
    order_id,
    line_no,
    schedule_no,
    cause_code
from {{ source('decisions', 'failure_cause_override') }}
