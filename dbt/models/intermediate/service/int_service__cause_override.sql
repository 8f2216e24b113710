{{ config(materialized='view') }}

select
    order_id,
    line_no,
    schedule_no,
    cause_code,
    actor,
    reason,
    decided_at
from (
    select
        *,
        row_number() over (partition by order_id, line_no, schedule_no order by seq desc) as newest_no
    from {{ ref('stg_decisions__failure_cause_override') }}
) as decisions
where newest_no = 1
