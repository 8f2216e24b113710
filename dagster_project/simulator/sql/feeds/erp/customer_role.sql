select
    customer_code(c.cust) as customer_id,
    r.role,
    customer_code(r.partner) as partner_customer_id,
    'ORG' || c.company_code as sales_area,
    r.partner <> coalesce(c.ship_to, -1) as is_default,
    getvariable('start_at')::date as valid_from,
    null::date as valid_to
from customer as c
cross join lateral (
    select unnest(['SOLD_TO', 'SHIP_TO', 'BILL_TO', 'PAYER', 'SHIP_TO']) as role,
        unnest([c.cust, c.cust, c.bill_to, c.bill_to, c.ship_to]) as partner
) as r
where c.is_buyer and r.partner is not null
