with

first_order as (

    select o_custkey as customer_id, min(cast(o_orderdate as date)) as order_date
    from orders
    group by o_custkey

)

select
    c_custkey as customer_id,
    c_name as name,
    'SOLD_TO' as account_group,
    'USD' as currency,
    false as is_credit_hold,
    false as is_order_block,
    c_mktsegment as erp_segment_code,
    'TPCH' as sales_org,
    'DIRECT' as channel,
    place.region,
    place.country,
    -- No opening date is kept; the first order, or the first of all, stands for it.
    coalesce(first_order.order_date, (select min(order_date) from first_order)) as created_date,
    false as is_test
from customer
inner join place on place.nation_key = c_nationkey
left join first_order on first_order.customer_id = c_custkey
