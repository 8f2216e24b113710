{{ config(materialized='view') }}

select
    scheme_id,
    entity_id,
    segment_code,
    valid_from,
    valid_to,
    recorded_from,
    recorded_to,
    event_id,
    event_seq,
    rule_id,
    reason
from {{ source('analytics', 'segment_assignment') }}
