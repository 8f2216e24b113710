{{ config(materialized='view') }}

select
    scheme_id,
    entity_id,
    evaluation_month,
    attribute_id,
    value,
    percentile,
    weight,
    contribution
from {{ source('analytics', 'segment_score') }}
