-- The truth about customers, once all months are known.

create or replace table truth_customer as
with demand as (
    -- Sums of whole numbers: the result does not depend on the order of adding.
    select
        cust, count(*) as active_months, min(month_no) as first_month, max(month_no) as last_month,
        sum(units::hugeint) as units, sum(units::hugeint * units::hugeint) as squares,
        sum(orders)::bigint as orders
    from customer_month
    group by cust
)
select
    customer_code(c.cust) as customer_id,
    c.kind,
    coalesce('G' || lpad(case when c.is_grouped then c.block end::varchar, 4, '0'), '') as group_id,
    c.tier_before as tier,
    case when c.move <> 0 then c.tier_after end as tier_after,
    m.period as moved_in,
    c.life,
    (select period from month where month_no = c.first_month) as first_period,
    (select period from month where month_no = c.last_month) as last_period,
    case when c.life = 'REACTIVATED' then (select period from month where month_no = c.pause_to) end as reactivated_in,
    c.demand_class as planted_demand_class,
    round((d.last_month - d.first_month + 1) / d.active_months, 4) as demand_interval,
    round(d.squares::double * d.active_months / (d.units::double * d.units::double) - 1, 4) as demand_cv2,
    coalesce(d.orders, 0)::bigint as orders,
    coalesce(d.units, 0)::bigint as units
from customer as c
left join demand as d on d.cust = c.cust
left join month as m on m.month_no = c.moved_in;

create or replace table truth_duplicate as
select customer_code(cust - 1) as customer_id, customer_code(cust) as duplicate_customer_id
from customer
where kind = 'SOLD_TO' and slot = 14;
