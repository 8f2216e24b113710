select
    segment_key,
    wave_start_date,
    dimension,
    answers_count,
    entities_count,
    response_rate,
    value,
    lower,
    upper,
    weighted_value,
    cronbach_alpha,
    is_reliable,
    is_hidden,
    null_reason
from {{ source('analytics', 'perceived_quality') }}
