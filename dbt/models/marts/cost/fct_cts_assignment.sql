select
    fiscal_period_id,
    order_id,
    cost_date,
    entity_id,
    segment_key,
    activity_id,
    pool_id,
    cost_level,
    driver_qty,
    used_minutes,
    minute_rate_group,
    cost_group
from {{ source('analytics', 'cts_assignment') }}
