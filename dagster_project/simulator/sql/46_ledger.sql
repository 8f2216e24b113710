-- What this chunk of months adds to the books. `known_in` tells from which extract on the ledger
-- contains it.

insert into ledger_item
with lines_local as (
    select
        company_code, period_of(posting_date) as period, gl_account,
        greatest(window_of(known_at), getvariable('base_windows') - 1) as known_in,
        round(net::decimal(28, 4) * local_rate, 4)::decimal(18, 4) as net_local,
        round((gross - net)::decimal(28, 4) * local_rate, 4)::decimal(18, 4) as discount_local,
        round(rebate::decimal(28, 4) * local_rate, 4)::decimal(18, 4) as rebate_local,
        coalesce(cogs, 0)::decimal(18, 4) as cogs_local
    from invoice_lines
),
freight_local as (
    select
        company_code, period_of(posting_date) as period,
        greatest(window_of(known_at), getvariable('base_windows') - 1) as known_in,
        round(freight::decimal(28, 4) * local_rate, 4)::decimal(18, 4) as freight_local
    from invoices
)
select company_code, period, gl_account as account, known_in, sum(net_local) as amount
from lines_local group by all
union all
select company_code, period, '4100', known_in, sum(discount_local) from lines_local group by all
union all
select company_code, period, '4200', known_in, sum(rebate_local) from lines_local group by all
union all
select company_code, period, '5000', known_in, sum(cogs_local) from lines_local group by all
union all
select company_code, period, '4300', known_in, sum(freight_local) from freight_local group by all;

insert into order_volume
select
    period, greatest(window_of(ordered_at), getvariable('base_windows') - 1) as known_in,
    count(distinct order_no), count(*), sum(qty * units)
from lines
group by all;
