select
    as_of_month,
    scheme_id,
    cadence,
    has_hysteresis,
    evaluation_month,
    entities_count,
    changes_count,
    flip_flops_count,
    orders_count,
    misassignment_tiers,
    cast(misassigned_revenue_group as decimal(18, 4)) as misassigned_revenue_group,
    is_censored,
    policy_churn_per_year,
    policy_misassignment_tiers,
    policy_flip_flop_share,
    policy_changes_per_100_orders,
    is_efficient
from {{ source('analytics', 'policy_backtest') }}
