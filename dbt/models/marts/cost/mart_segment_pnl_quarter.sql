select
    fiscal_quarter,
    segment_key,
    line_no,
    line_code,
    amount_group,
    reported_amount_group,
    prior_amount_group,
    year_before_amount_group,
    budget_amount_group,
    budget_basis,
    entities_count,
    invoice_lines_count,
    customers_effect_group,
    lines_effect_group,
    rate_effect_group
from {{ source('analytics', 'segment_pnl_quarter') }}
