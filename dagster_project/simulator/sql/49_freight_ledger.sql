-- Freight is an expense of the month in which the goods left, whenever the carrier bills it.
insert into ledger_item
select
    company_code, period_of(left_on), '6500', null,
    greatest(window_of(known_at), getvariable('base_windows') - 1), sum(amount)
from freight
group by all;
