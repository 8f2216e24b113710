select
    fiscal_quarter,
    prior_fiscal_quarter,
    segment_key,
    step_no,
    step_code,
    amount_group
from {{ source('analytics', 'segment_pnl_bridge') }}
