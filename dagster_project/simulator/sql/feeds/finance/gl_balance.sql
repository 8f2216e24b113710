-- A tail day repeats the balances that it changed.
with changes as (
    select
        *,
        lag(amount) over (
            partition by company_code, period, account, cost_centre order by known_in
        ) as amount_before
    from balance
)
select
    b.company_code,
    b.period as fiscal_period_id,
    b.account,
    b.cost_centre,
    null as segment_dim,
    b.amount as amount_local,
    l.currency,
    null::decimal(18, 4) as amount_group,
    b.known_in as _window
from changes as b
inner join local_currency as l on l.company_code = b.company_code
where b.known_in = getvariable('base_windows') - 1 or b.amount is distinct from b.amount_before
