{{ config(materialized='view') }}

select
    seq,
    decided_at,
    subject,
    actor,
    role,
    reason,
    agreement_id,
    agreement_version,
    offered_target,
    feasible_p50,
    feasible_p90
from {{ source('decisions', 'agreement_round') }}
