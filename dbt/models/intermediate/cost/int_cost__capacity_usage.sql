{{ config(materialized='view') }}

select
    fiscal_period_id,
    pool_id,
    cost_level,
    cost_centre,
    currency,
    pool_amount,
    pool_amount_group,
    theoretical_minutes,
    practical_minutes,
    practical_share,
    used_minutes,
    unused_minutes,
    minute_rate_group,
    assigned_cost_group,
    unused_cost_group,
    sustaining_cost_group,
    unused_by_minutes_group,
    is_negative,
    is_over_capacity,
    is_practical_unusual,
    null_reason
from {{ ref('stg_analytics__capacity_usage') }}
