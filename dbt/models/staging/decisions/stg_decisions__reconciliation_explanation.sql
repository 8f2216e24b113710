{{ config(materialized='view') }}

select
    seq,
    decided_at,
    subject,
    actor,
    role,
    reason,
    control_id,
    company_code,
    fiscal_period,
    dimension,
    reason_code,
    amount,
    evidence,
    ticket
from {{ source('decisions', 'reconciliation_explanation') }}
