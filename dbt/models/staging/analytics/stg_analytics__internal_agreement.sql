{{ config(materialized='view') }}

select
    agreement_id,
    agreement_version,
    status,
    supplier_function,
    customer_function,
    segment_key,
    metric_id,
    basis,
    target,
    commitment,
    signed_date,
    attained_month,
    value,
    outcome,
    is_counted,
    excused_by,
    excused_by_month,
    feasible_p50,
    feasible_p90
from {{ source('analytics', 'internal_agreement') }}
