{{ config(materialized='view') }}

select
    part.scheme_id,
    part.entity_id,
    part.evaluation_month,
    part.attribute_id,
    attribute.label as attribute_label,
    attribute.unit,
    part.value,
    part.percentile,
    part.weight,
    part.contribution
from {{ source('analytics', 'segment_score') }} as part
left join {{ ref('scheme_attribute') }} as attribute
    on part.scheme_id = attribute.scheme_id
    and part.attribute_id = attribute.attribute_id
