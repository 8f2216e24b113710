{{ config(materialized='view') }}

select
    entity_id,
    method,
    valued_month,
    orders_count,
    recency_months,
    age_months,
    margin_per_order_group,
    p_alive,
    expected_orders,
    expected_margin_per_order_group,
    renewal_probability,
    clv_group,
    null_reason,
    horizon_months,
    monthly_discount,
    frequency_margin_correlation,
    fitted_customers_count,
    is_fit_held
from {{ source('analytics', 'customer_value') }}
