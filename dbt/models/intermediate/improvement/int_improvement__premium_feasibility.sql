{{ config(materialized='view') }}

select
    as_of_month,
    service_id,
    iso_weekday,
    days_count,
    orders_per_day,
    in_time_share,
    attainment,
    attainment_on_peak,
    attainment_at_half_capacity,
    reach_share,
    expected_attainment,
    displaced_orders_per_day,
    cost_per_order_group,
    break_even_fee_group,
    target,
    is_feasible,
    null_reason
from {{ ref('stg_analytics__premium_feasibility') }}
