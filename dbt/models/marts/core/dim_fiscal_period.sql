select
    calendar_id,
    fiscal_period_id,
    fiscal_year,
    period_no,
    quarter_no,
    start_date,
    end_date,
    week_count,
    status,
    closed_at,
    frozen_at
from {{ ref('int_calendar__fiscal_period') }}
