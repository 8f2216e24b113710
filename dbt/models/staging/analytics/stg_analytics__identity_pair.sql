{{ config(materialized='view') }}

select
    left_id,
    right_id,
    match_weight,
    match_probability,
    rule,
    decision,
    reason,
    is_cut
from {{ source('analytics', 'identity_pair') }}
