insert into customer_month
select cust, month_no, sum(qty * units)::bigint, count(distinct order_no)
from lines
group by all;

insert into document_sum
select
    company_code, currency, period_of(posting_date), gl_account_of(kind, currency), count(*), sum(net),
    sum(local_amount(net, local_rate))
from invoice_lines
group by all;

insert into truth_failure
select order_code(order_no), line_no, customer_code(cust), product_code(product), cause, is_late, is_short
from failures;

insert into truth_late_fact
select shipment_code(shipment_no), departed_at, known_at
from shipments
where is_late_fact;
