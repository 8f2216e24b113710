select
    left_id,
    right_id,
    left_name,
    right_name,
    rule,
    match_weight,
    match_probability,
    reason,
    is_cut
from {{ ref('int_party__match_pair') }}
where decision = 'review'
