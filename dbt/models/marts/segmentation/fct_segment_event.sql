select
    event_id,
    scheme_id,
    entity_id,
    event_seq,
    evaluation_month,
    from_segment_key,
    to_segment_key,
    from_segment_code,
    to_segment_code,
    valid_from,
    recorded_at,
    rule_id,
    reason,
    score,
    values_json
from {{ ref('int_segment__event') }}
