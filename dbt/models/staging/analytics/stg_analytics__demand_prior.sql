{{ config(materialized='view') }}

select
    group_level,
    group_name,
    analogues_count,
    alpha,
    beta_months,
    sized_orders_count,
    size_log_mean,
    size_within_variance,
    size_between_variance,
    training_month
from {{ source('analytics', 'demand_prior') }}
