select
    recut.scheme_id,
    recut.entity_id,
    recut.segment_key,
    recut.valid_from,
    recut.valid_to,
    recut.rule_set_version,
    -- What was decided and believed on that first day, under the rules of the time.
    believed.segment_key as believed_segment_key
from {{ ref('int_segment__recut') }} as recut
left join {{ ref('int_segment__assignment') }} as believed
    on recut.scheme_id = believed.scheme_id
    and recut.entity_id = believed.entity_id
    and recut.valid_from >= believed.valid_from
    and recut.valid_from < believed.valid_to
    and believed.is_latest_belief
