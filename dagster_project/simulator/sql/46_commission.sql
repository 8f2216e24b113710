-- What the sales representatives earn commission on: net invoices and credits of their customers.
insert into commission_item
select
    cust, period_of(posting_date), currency, greatest(window_of(known_at), getvariable('base_windows') - 1),
    sum(net)
from invoice_lines
where kind <> 'INTERCOMPANY'
group by all;
