{{ config(materialized='view') }}

select
    scheme_id,
    entity_id,
    concat(scheme_id, ':', segment_code) as segment_key,
    segment_code,
    valid_from,
    valid_to,
    rule_set_version
from {{ source('analytics', 'segment_recut') }}
