select
    scheme_id,
    entity_id,
    evaluation_month,
    attribute_id,
    attribute_label,
    unit,
    value,
    percentile,
    weight,
    contribution
from {{ ref('int_segment__score') }}
