with

first_order as (

    select customer_id, min(order_date) as order_date
    from order_header
    group by customer_id

)

select
    CustomerID as customer_id,
    clean_text(fix_mojibake(CompanyName)) as name,
    'SOLD_TO' as account_group,
    'USD' as currency,
    false as is_credit_hold,
    false as is_order_block,
    'NORTHWIND' as sales_org,
    'DIRECT' as channel,
    coalesce(clean_text(fix_mojibake(Region)), clean_text(Country)) as region,
    country_code(Country) as country,
    -- No opening date is kept; the first order, or the first of the company, stands for it.
    coalesce(first_order.order_date, (select min(order_date) from order_header)) as created_date,
    false as is_test
from customers
left join first_order on first_order.customer_id = customers.CustomerID
