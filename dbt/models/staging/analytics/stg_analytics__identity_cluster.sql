{{ config(materialized='view') }}

select
    record_id,
    cluster_id,
    method,
    confidence,
    rule,
    linked_id,
    reason
from {{ source('analytics', 'identity_cluster') }}
