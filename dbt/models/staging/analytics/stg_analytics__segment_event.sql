{{ config(materialized='view') }}

select
    event_id,
    scheme_id,
    entity_id,
    event_seq,
    evaluation_month,
    from_segment_code,
    to_segment_code,
    valid_from,
    recorded_at,
    rule_id,
    reason,
    score,
    values_json,
    cause,
    rule_version,
    request_id,
    contract_id,
    proposal_id
from {{ source('analytics', 'segment_event') }}
