{{ config(materialized='view') }}

select
    first_day,
    last_day,
    stage,
    stage_no,
    site_id,
    segment_key,
    shipments_count,
    measured_count,
    delayed_count,
    lines_count,
    total_minutes,
    delay_minutes,
    late_lines_count,
    late_amount_e4,
    delayed_amount_e4,
    hit_index,
    hit_index_low,
    hit_index_high,
    peak_hour,
    is_longest_wait,
    is_flagged,
    excess_amount_e4,
    place_no
from {{ source('analytics', 'order_bottleneck') }}
