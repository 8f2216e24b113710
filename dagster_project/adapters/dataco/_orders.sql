-- One row per order with what the transport system says about it.
create table order_header as
select
    orders."Order Id" as order_id,
    orders."Customer Id" as customer_id,
    cast(orders."order date (DateOrders)" as timestamp) as ordered_at,
    orders."Order Status" as order_status,
    clean_text(orders."Order Region") as region,
    clean_text(orders."Order State") as state,
    country_code(orders."Order Country") as country,
    country_code(orders."Order Country") || '-' || left(md5(clean_text(orders."Order State")), 8)
        as site_id,
    cast(shipping."shipping date (DateOrders)" as timestamp) as departed_at,
    cast(orders."order date (DateOrders)" as timestamp)
        + to_days(cast(shipping."Days for shipment (scheduled)" as integer)) as promised_ship_at,
    case shipping."Shipping Mode"
        when 'Same Day' then 1
        when 'First Class' then 2
        when 'Second Class' then 3
        when 'Standard Class' then 4
    end as priority_code,
    coalesce(shipping."Delivery Status" = 'Shipping canceled', false) as is_cancelled
from erp_orders as orders
left join tms_shipments as shipping using ("Order Id");

-- One row per order line. What rounding to four decimals takes from a line goes to the next one.
create table order_line as
with

exact as (

    select
        cast("Order Item Id (reconstructed)" as bigint) as line_no,
        "Order Id" as order_id,
        "Product Card Id" as product_id,
        cast("Order Item Quantity" as decimal(18, 4)) as quantity,
        cast("Order Item Discount Rate" as decimal(18, 9)) as discount_rate,
        cast(Sales as decimal(18, 9)) as gross,
        cast("Order Item Discount" as decimal(18, 9)) as discount,
        cast("Order Profit Per Order" as decimal(18, 9)) as profit
    from erp_order_items

),

running as (

    select
        *,
        sum(gross) over so_far as gross_so_far,
        sum(discount) over so_far as discount_so_far,
        sum(profit) over so_far as profit_so_far
    from exact
    window so_far as (order by line_no rows unbounded preceding)

)

select
    line_no,
    order_id,
    product_id,
    quantity,
    discount_rate,
    cast(round(gross_so_far, 4) - round(gross_so_far - gross, 4) as decimal(18, 4)) as gross,
    cast(round(discount_so_far, 4) - round(discount_so_far - discount, 4) as decimal(18, 4))
        as discount,
    cast(round(profit_so_far, 4) - round(profit_so_far - profit, 4) as decimal(18, 4)) as profit
from running;
