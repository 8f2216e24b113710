-- What is asked of the stock of each site, and which purchase orders are late: filled month by month.

create or replace table supplier as
select i as supplier, 1 + pick('supplier reliability', i, 3) as reliability, 10 + pick('supplier lead', i, 20) as lead_days
from range(1, 21) as t(i);

create or replace table asked (product bigint, dc varchar, month_no bigint, units bigint);

-- A purchase order line that comes after the day on which somebody's goods should have left.
create or replace table late_supply (
    line_key bigint, product bigint, dc varchar, units bigint, promised_on date, received_on date
);
