select
    scenario_id,
    description,
    segment_key,
    base_cost_group,
    activity_cost_change_group,
    freight_change_group,
    minutes_change
from {{ source('analytics', 'cts_scenario') }}
