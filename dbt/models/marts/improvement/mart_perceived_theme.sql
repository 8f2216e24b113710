select
    segment_key,
    wave_start_date,
    source,
    theme,
    texts_count,
    mentions_count,
    entities_count,
    mention_share,
    mean_mood,
    is_hidden,
    null_reason
from {{ source('analytics', 'perceived_theme') }}
