{{ config(materialized='view') }}

select
    as_of_month,
    claim_id,
    claim_text,
    channel,
    asset,
    segment_key,
    definition_id,
    definition_hash,
    metric_id,
    metric_version,
    claimed_target,
    promised_target,
    is_soft,
    months_measured,
    months_met,
    measured_p50,
    measured_p10,
    verdict,
    verdict_reason,
    is_review_due,
    owner
from {{ ref('stg_analytics__claim_gap') }}
