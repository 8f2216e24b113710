-- One row per order, with readable text, dates as dates and the site it goes to.
create view order_header as
select
    OrderID as order_id,
    CustomerID as customer_id,
    EmployeeID as employee_id,
    parse_us_date(OrderDate) as order_date,
    parse_us_date(RequiredDate) as required_date,
    parse_us_date(ShippedDate) as shipped_date,
    ShipVia as carrier_id,
    cast(Freight as decimal(18, 4)) as freight,
    clean_text(fix_mojibake(ShipName)) as ship_name,
    clean_text(fix_mojibake(ShipAddress)) as street,
    clean_text(fix_mojibake(ShipCity)) as city,
    clean_text(fix_mojibake(ShipRegion)) as region,
    clean_text(ShipPostalCode) as postcode,
    country_code(ShipCountry) as country,
    -- The address makes the site, not the name: one dock is spelt in two ways.
    CustomerID || '-' || left(
        md5(concat_ws('|', ShipAddress, ShipCity, ShipPostalCode, ShipCountry)), 6
    ) as site_id
from orders;

-- One row per order line. The source has no line number; a product is on an order only once.
create view order_line as
select
    OrderID as order_id,
    cast(row_number() over (partition by OrderID order by cast(ProductID as bigint)) as bigint)
        as line_no,
    ProductID as product_id,
    cast(Quantity as decimal(18, 4)) as quantity,
    cast(UnitPrice as decimal(18, 6)) as unit_price,
    cast(Discount as decimal(18, 6)) as discount,
    cast(cast(UnitPrice as decimal(9, 2)) * cast(Quantity as bigint) as decimal(18, 4)) as gross,
    -- Prices and discounts have two decimals each, so four are exact.
    cast(
        cast(UnitPrice as decimal(9, 2)) * cast(Quantity as bigint)
        * (1 - cast(Discount as decimal(5, 2))) as decimal(18, 4)
    ) as net
from order_details;
