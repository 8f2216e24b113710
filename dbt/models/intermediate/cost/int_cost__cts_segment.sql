{{ config(materialized='view') }}

select
    fiscal_period_id,
    segment_key,
    activity_id,
    activity_name,
    pool_id,
    cost_level,
    driver,
    driver_qty,
    used_minutes,
    minute_rate_group,
    cost_group,
    cost_share,
    cost_per_order_group,
    cost_per_order_line_group,
    cost_per_shipment_group,
    orders_count,
    order_lines_count,
    shipments_count
from {{ ref('stg_analytics__cts_segment') }}
