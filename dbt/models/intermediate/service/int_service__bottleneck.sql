{%- set unit = "cast(0.0001 as decimal(4, 4))" -%}
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
    cast(cast(late_amount_e4 as decimal(20, 0)) * {{ unit }} as decimal(28, 4)) as late_amount_group,
    cast(cast(delayed_amount_e4 as decimal(20, 0)) * {{ unit }} as decimal(28, 4)) as delayed_amount_group,
    hit_index,
    hit_index_low,
    hit_index_high,
    peak_hour,
    is_longest_wait,
    is_flagged,
    cast(cast(excess_amount_e4 as decimal(20, 0)) * {{ unit }} as decimal(28, 4)) as excess_amount_group,
    place_no
from {{ source('analytics', 'order_bottleneck') }}
