select
    fiscal_quarter,
    prior_fiscal_quarter,
    segment_key,
    step_no,
    step_code,
    amount_group
from {{ ref('int_cost__segment_pnl_bridge') }}
