-- What this chunk of months adds to the books. `known_in` tells from which extract on the ledger
-- contains it.

insert into ledger_item
with line_sums as (
    select
        company_code, period_of(posting_date) as period, gl_account_of(kind, currency) as revenue_account,
        greatest(window_of(known_at), getvariable('base_windows') - 1) as known_in,
        sum(local_amount(net, local_rate)) as revenue,
        sum(local_amount(gross - net, local_rate)) as discount,
        sum(local_amount(rebate_of(net, kind, tier), local_rate)) as rebate,
        sum(coalesce(cogs, 0)::decimal(18, 4)) as cogs
    from invoice_lines
    group by all
),
header_sums as (
    select
        company_code, period_of(posting_date) as period,
        greatest(window_of(known_at), getvariable('base_windows') - 1) as known_in,
        sum(local_amount(freight, local_rate)) as freight
    from invoices
    group by all
)
select
    company_code, period, unnest([revenue_account, '4100', '4200', '5000']) as account, null, known_in,
    unnest([revenue, discount, rebate, cogs]) as amount
from line_sums
union all
select company_code, period, '4300', null, known_in, freight
from header_sums;

insert into order_volume
select
    period, greatest(window_of(ordered_at), getvariable('base_windows') - 1) as known_in,
    count(distinct order_no), count(*), sum(qty * units)
from lines
group by all;
