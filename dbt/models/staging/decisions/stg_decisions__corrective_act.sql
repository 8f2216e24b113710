{{ config(materialized='view') }}

select
    seq,
    decided_at,
    subject,
    actor,
    role,
    reason,
    action_id,
    act,
    owner,
    root_cause,
    due_date,
    effective_month,
    expected_effect,
    budget_group,
    evidence
from {{ source('decisions', 'corrective_act') }}
