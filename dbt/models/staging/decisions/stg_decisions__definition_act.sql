{{ config(materialized='view') }}

select
    seq,
    decided_at,
    subject,
    actor,
    role,
    reason,
    request_id,
    act,
    proposal_id,
    proposal_type,
    scheme_id,
    from_version,
    to_version,
    segment_key,
    element,
    direction,
    target,
    new_target,
    entities_moved,
    saving_group,
    roles_needed
from {{ source('decisions', 'definition_act') }}
