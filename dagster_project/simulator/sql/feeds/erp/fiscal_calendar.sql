select
    'FISCAL' as calendar_id,
    period_of(first_day) as fiscal_period_id,
    year(first_day)::bigint as fiscal_year,
    month(first_day)::bigint as period_no,
    quarter(first_day)::bigint as quarter_no,
    first_day::date as start_date,
    (first_day + interval 1 month)::date as end_date,
    null::bigint as week_count,
    case when first_day < timestamp '2025-12-01' then 'CLOSED' else 'OPEN' end as status,
    case when first_day < timestamp '2025-12-01' then first_day + interval 1 month + interval 9 day + interval 18 hour end as closed_at
from range(getvariable('start_at'), timestamp '2026-07-01', interval 1 month) as t(first_day)
