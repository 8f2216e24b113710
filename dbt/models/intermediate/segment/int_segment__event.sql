{{ config(materialized='view') }}

select
    event_id,
    scheme_id,
    entity_id,
    event_seq,
    evaluation_month,
    case when from_segment_code is null then '-2' else concat(scheme_id, ':', from_segment_code) end as from_segment_key,
    concat(scheme_id, ':', to_segment_code) as to_segment_key,
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
