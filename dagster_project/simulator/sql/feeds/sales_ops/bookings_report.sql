-- First entry of every order line; a tail day repeats the months of the customers who ordered.
with daily as (
    select
        cust, family, period, currency,
        greatest(window_of(ordered_at), getvariable('base_windows') - 1) as known_in,
        sum(round(net_price * qty::decimal(6, 0), 4)) as amount, sum(qty * units) as units
    from lines
    group by all
),
running as (
    select
        * exclude (amount, units),
        sum(amount) over (partition by cust, family, period order by known_in) as amount,
        sum(units) over (partition by cust, family, period order by known_in) as units
    from daily
)
select
    'BK-' || period as report_id,
    last_day((period || '-01')::date) as report_date,
    customer_code(cust) as customer_id,
    family as product_family,
    period as fiscal_period_id,
    amount::decimal(18, 4) as booked_net_amount,
    currency,
    units::decimal(18, 4) as booked_qty,
    known_in as _window
from running
