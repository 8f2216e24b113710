with

-- A few rows are shifted by one column: the ZIP code sits in the state, the state in the city.
address as (

    select
        *,
        regexp_full_match(trim("Customer State"), '[0-9]+(\.0)?') as is_shifted
    from crm_customers

),

first_order as (

    select customer_id, min(ordered_at) as ordered_at
    from order_header
    group by customer_id

)

select
    "Customer Id" as customer_id,
    -- 1,721 customers are called Mary Smith; the name never identifies anybody.
    clean_text(concat_ws(' ', "Customer Fname", "Customer Lname")) as name,
    'SOLD_TO' as account_group,
    'USD' as currency,
    false as is_credit_hold,
    false as is_order_block,
    clean_text("Customer Segment") as erp_segment_code,
    'DATACO' as sales_org,
    'DIRECT' as channel,
    case when is_shifted then clean_text("Customer City") else clean_text("Customer State") end
        as region,
    country_code("Customer Country") as country,
    -- No opening date is kept; the first order stands for it.
    cast(coalesce(first_order.ordered_at, (select min(ordered_at) from order_header)) as date)
        as created_date,
    false as is_test
from address
left join first_order on first_order.customer_id = address."Customer Id"
