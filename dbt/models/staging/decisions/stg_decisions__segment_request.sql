{{ config(materialized='view') }}

select
    seq,
    decided_at,
    subject,
    actor,
    role,
    reason,
    request_id,
    scheme_id,
    entity_id,
    from_segment,
    to_segment,
    effective_date,
    holds_until,
    reason_code,
    origin,
    is_emergency,
    parent_request_id,
    attachment,
    route,
    roles_needed,
    expires_on,
    revenue_12_months,
    open_orders,
    contract_floor,
    release_id
from {{ source('decisions', 'segment_request') }}
