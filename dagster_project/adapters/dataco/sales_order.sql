with

order_value as (

    select order_id, sum(gross - discount) as total_net
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
    'DATACO' as sales_org,
    'USD' as currency,
    ordered_at,
    -- Orders leave in one shipment; there is never a second ship date.
    false as is_partial_allowed,
    priority_code,
    order_status as credit_status,
    case when is_cancelled then ordered_at end as cancelled_at,
    total_net
from order_header
left join order_value using (order_id)
