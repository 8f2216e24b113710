with

order_value as (

    select order_id, sum(net) as total_net
    from order_line
    group by order_id

)

select
    order_id,
    1 as revision,
    'STANDARD' as order_type,
    'OTHER' as channel,
    customer_id as sold_to_customer_id,
    site_id as ship_to_site_id,
    'NORTHWIND' as sales_org,
    employee_id as sales_rep_id,
    'USD' as currency,
    order_date as ordered_at,
    required_date as requested_at,
    -- Orders leave in one shipment; there is never a second ship date.
    false as is_partial_allowed,
    total_net
from order_header
left join order_value using (order_id)
