select
    as_of_month,
    judged_month,
    scheme_id,
    attribute_id,
    entities_count,
    weight,
    coverage,
    stability,
    shift_index,
    shift_limit,
    is_shifted,
    information_gain_bits,
    variance_inflation,
    tier_change_share,
    is_chosen,
    reason
from {{ source('analytics', 'attribute_selection') }}
