select
    as_of_month,
    element,
    segment_key,
    market,
    promised_value,
    measured_value,
    market_median,
    market_best,
    competitors_count,
    offers_counted,
    offers_grey,
    promise_position,
    measured_position,
    gap_value,
    importance,
    is_alert
from {{ source('analytics', 'competitive_position') }}
