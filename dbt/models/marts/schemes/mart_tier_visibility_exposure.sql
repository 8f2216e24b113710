select
    as_of_month,
    scheme_id,
    exposure_rank,
    entity_a,
    segment_a,
    entity_b,
    segment_b,
    tier_gap,
    contact_kinds,
    contact_weight,
    exposure_index,
    is_label_visible
from {{ source('analytics', 'visibility_exposure') }}
