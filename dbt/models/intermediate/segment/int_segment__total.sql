{{ config(materialized='view') }}

select
    scheme_id,
    entity_id,
    evaluation_month,
    recorded_at,
    status,
    concat(scheme_id, ':', segment_code) as segment_key,
    segment_code,
    score,
    score_rank,
    scored_entities_count,
    known_orders_count,
    up_streak,
    down_streak,
    better_segment_code,
    better_threshold,
    keep_threshold
from {{ source('analytics', 'segment_total') }}
