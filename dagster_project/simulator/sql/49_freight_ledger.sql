insert into ledger_item
select
    company_code, period_of(billed_on), '6500',
    greatest(window_of(known_at), getvariable('base_windows') - 1), sum(amount)
from freight
group by all;
