-- Settled month by month in the month after; a tail day repeats what late documents changed.
with known as (
    select cust, period, currency, known_in, sum(amount) as amount
    from commission_item
    where period < period_of(getvariable('end_at') - interval 1 day)
    group by all
),
running as (
    select
        * exclude (amount),
        sum(amount) over (partition by cust, period, currency order by known_in) as amount
    from known
)
select
    'CM' || replace(period, '-', '') || lpad(cust::varchar, 6, '0') || currency as commission_id,
    rep_code(cust) as sales_rep_id,
    period as fiscal_period_id,
    customer_code(cust) as customer_id,
    'NET_REVENUE' as basis,
    amount::decimal(18, 4) as basis_amount,
    0.02::decimal(18, 6) as commission_rate,
    round(amount * 0.02, 2)::decimal(18, 4) as commission_amount,
    currency,
    false as is_clawback,
    known_in as _window
from running
