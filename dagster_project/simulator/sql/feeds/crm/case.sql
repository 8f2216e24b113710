with versions as (
    select
        *,
        unnest(case
            when closed_at >= getvariable('end_at') then [1]
            when window_of(opened_at) = window_of(closed_at) then [2]
            else [1, 2]
        end) as version
    from cases
)
select
    case_id,
    case when kind = 'SOLD_TO' then account_code(cust) end as account_id,
    customer_code(cust) as customer_id,
    order_code(order_no) as order_id,
    line_no,
    category,
    severity::bigint as severity,
    opened_at,
    case when version = 2 then first_response_at end as first_response_at,
    case when version = 2 then closed_at end as closed_at,
    case when version = 2 then ['EXPLAINED', 'CREDITED', 'REPLACED'][1 + pick('resolution', line_key, 3)] end as resolution,
    case when version = 2 then handle_minutes end as handle_minutes,
    window_of(case when version = 2 then closed_at else opened_at end) as _window
from versions
