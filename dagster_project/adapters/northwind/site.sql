with

ship_to as (

    select
        site_id,
        customer_id,
        'CUSTOMER' as site_type,
        max(ship_name) as name,
        max(street) as street,
        max(city) as city,
        max(postcode) as postcode,
        max(region) as region,
        max(country) as country,
        min(order_date) as valid_from
    from order_header
    group by site_id, customer_id

),

warehouse as (

    -- Stock is kept without a place. It stands at the head office: whoever reports to nobody.
    select
        'NORTHWIND-DC' as site_id,
        null as customer_id,
        'DC' as site_type,
        'Northwind warehouse' as name,
        null as street,
        clean_text(City) as city,
        clean_text(PostalCode) as postcode,
        clean_text(Region) as region,
        country_code(Country) as country,
        (select min(order_date) from order_header) as valid_from
    from employees
    where ReportsTo is null
    order by cast(EmployeeID as bigint)
    limit 1

)

select *, 'UTC' as tz_name
from (
    select * from ship_to
    union all
    select * from warehouse
)
