{{ config(materialized='view') }}

select
    pair.left_id,
    pair.right_id,
    one.name as left_name,
    other.name as right_name,
    pair.match_weight,
    pair.match_probability,
    pair.rule,
    pair.decision,
    pair.reason,
    pair.is_cut
from {{ source('analytics', 'identity_pair') }} as pair
inner join {{ ref('int_party__record') }} as one on pair.left_id = one.record_id
inner join {{ ref('int_party__record') }} as other on pair.right_id = other.record_id
