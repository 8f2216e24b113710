select
    scheme_id,
    entity_id,
    segment_key,
    segment_code,
    valid_from,
    valid_to,
    recorded_from,
    recorded_to,
    event_id,
    event_seq,
    rule_id,
    reason,
    is_latest_belief,
    is_current
from {{ ref('int_segment__assignment') }}
