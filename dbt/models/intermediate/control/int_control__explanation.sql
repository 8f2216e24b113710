{{ config(materialized='view') }}

select
    seq,
    control_id,
    dimension,
    reason_code,
    amount,
    actor,
    evidence,
    ticket
from {{ ref('stg_decisions__reconciliation_explanation') }}
