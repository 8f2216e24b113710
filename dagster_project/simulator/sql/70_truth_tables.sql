-- What the simulator remembers for the truth file: tables that each chunk adds to, and views that
-- sum them up when the history is complete.

create or replace table customer_month (cust bigint, month_no bigint, units bigint, orders bigint);
create or replace table document_sum (
    company_code varchar, currency varchar, period varchar, account varchar, line_count bigint,
    net decimal(38, 2), net_local decimal(38, 4)
);
create or replace table truth_failure (
    order_id varchar, line_no bigint, customer_id varchar, product_id varchar, cause varchar,
    is_late boolean, is_short boolean
);
create or replace table truth_late_fact (
    shipment_id varchar, departed_at timestamp, known_at timestamp
);

create or replace view truth_late_fact_count as select count(*) as shipments from truth_late_fact;

create or replace view truth_failure_cause as
select coalesce(cause, 'NONE') as cause, count(*) as lines from truth_failure group by all;

create or replace view truth_document as
select
    company_code, period, account, currency, sum(line_count)::bigint as lines, sum(net) as net,
    sum(net_local) as net_local
from document_sum
group by all;

create or replace view truth_order as
select
    period, sum(orders)::bigint as orders, sum(lines)::bigint as lines, sum(units)::bigint as units
from order_volume
group by all;

create or replace view truth_ledger as
select company_code, period, account, sum(amount) as amount_local
from ledger_item
group by all;

-- Which records of which systems are the same company.
create or replace table truth_party as
select 'erp:' || customer_code(n.cust) as record_id, customer_code(n.key) as party
from customer_name as n
union all
select 'crm:' || account_code(c.cust), customer_code(n.key)
from customer as c
inner join customer_name as n on n.cust = c.cust
where c.kind in ('SOLD_TO', 'PROSPECT') or (c.kind = 'OLD_NUMBER' and c.block % 2 = 0);

-- How much of each kind of work every period had.
create or replace view truth_work as
select period, driver, sum(qty)::bigint as qty from work_done group by all;
