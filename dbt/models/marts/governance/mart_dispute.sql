select
    dispute_id,
    metric_id,
    segment_key,
    activity_month,
    claimed_by,
    claimed_by_role,
    claimed_value,
    other_party,
    other_value,
    reason,
    opened_at,
    settled_at is null as is_open,
    settled_at,
    settled_by,
    settled_value
from {{ ref('int_governance__dispute') }}
