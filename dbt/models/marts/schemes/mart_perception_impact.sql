select
    as_of_month,
    scheme_id,
    direction,
    outcome,
    relative_months,
    treated_change,
    control_change,
    events_count,
    judged_events_count,
    estimate,
    interval_low,
    interval_high,
    is_descriptive_only,
    null_reason
from {{ source('analytics', 'perception_impact') }}
