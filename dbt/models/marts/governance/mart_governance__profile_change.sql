select
    entity_kind,
    entity_id,
    attribute,
    old_value,
    new_value,
    source,
    actor,
    changed_at,
    request_id,
    reason
from {{ ref('int_governance__profile_change') }}
