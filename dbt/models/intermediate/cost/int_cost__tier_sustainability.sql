{{ config(materialized='view') }}

select
    fiscal_quarter,
    segment_key,
    entities_count,
    net_revenue_group,
    cost_to_serve_group,
    net_to_serve_group,
    net_to_serve_margin,
    cost_to_serve_ratio,
    cost_to_serve_ratio_lower,
    cost_to_serve_ratio_upper,
    is_cost_to_serve_ratio_unusual,
    next_lower_segment_key,
    incremental_gross_profit_group,
    incremental_cost_to_serve_group,
    is_loss_in_quarter,
    verdict,
    costliest_activity,
    lever
from {{ ref('stg_analytics__tier_sustainability') }}
