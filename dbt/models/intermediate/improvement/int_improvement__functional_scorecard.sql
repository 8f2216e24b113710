{{ config(materialized='view') }}

select
    function_code,
    segment_key,
    metric_id,
    basis,
    period_month,
    value,
    target,
    red,
    weight,
    score,
    contribution,
    lines_count,
    is_grey,
    change_value,
    xmr_signal,
    counter_metric_id,
    counter_function,
    counter_value
from {{ ref('stg_analytics__functional_scorecard') }}
