select
    as_of_month,
    survey_type,
    entity_id,
    segment_key,
    answers_count,
    lines_count,
    perceived_value,
    measured_value,
    expected_value,
    distance,
    slope,
    rank_correlation,
    verdict,
    last_interview_date,
    is_to_interview,
    null_reason
from {{ source('analytics', 'perception_vs_measured') }}
