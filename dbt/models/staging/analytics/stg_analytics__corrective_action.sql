{{ config(materialized='view') }}

select
    as_of_month,
    action_id,
    segment_key,
    metric_id,
    opened_month,
    opened_by,
    level,
    status,
    effective_month,
    ended_month,
    value_at_opening,
    target_at_opening,
    mean_before,
    mean_after,
    is_shift,
    difference_in_differences,
    is_regression_to_the_mean,
    is_overdue,
    owner,
    root_cause,
    due_date,
    expected_effect,
    budget_group,
    evidence
from {{ source('analytics', 'corrective_action') }}
