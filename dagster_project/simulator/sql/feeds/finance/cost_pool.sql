with changes as (
    select *, lag(amount) over (partition by pool_id, period order by known_in) as amount_before from pool_cost
)
select
    c.pool_id,
    c.period as fiscal_period_id,
    p.name,
    p.cost_centre,
    c.amount::decimal(18, 4) as amount,
    'EUR' as currency,
    p.cost_level,
    c.known_in as _window
from changes as c
inner join pool as p on p.pool_id = c.pool_id
where c.known_in = getvariable('base_windows') - 1 or c.amount is distinct from c.amount_before
