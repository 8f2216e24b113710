{{ config(materialized='view') }}

select
    as_of_month,
    benchmark_id,
    source,
    study,
    published_year,
    label,
    metric_id,
    own_form,
    peer_median,
    own_value,
    own_joint_value,
    own_product_value,
    lines_count,
    year_start_date,
    year_end_date,
    position,
    peer_percentile,
    comparability,
    weakness,
    is_grey,
    null_reason
from {{ ref('stg_analytics__benchmark_position') }}
