{{ config(materialized='view') }}

select
    as_of_month,
    proposal_id,
    proposal_type,
    segment_key,
    element,
    direction,
    target,
    new_target,
    capability_p10,
    capability_p50,
    expected_value,
    sustainability,
    lever,
    is_blocked_by_contract,
    entities_count,
    months_met_before,
    months_met_after,
    saving_per_quarter_group,
    reason,
    is_next
from {{ ref('stg_analytics__adjustment_proposal') }}
