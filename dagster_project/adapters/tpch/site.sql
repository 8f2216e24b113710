with

address as (

    select
        'C-' || c_custkey as site_id,
        c_custkey as customer_id,
        'CUSTOMER' as site_type,
        c_name as name,
        c_address as street,
        c_nationkey as nation_key
    from customer

    union all

    select
        'S-' || s_suppkey as site_id,
        null as customer_id,
        'SUPPLIER' as site_type,
        s_name as name,
        s_address as street,
        s_nationkey as nation_key
    from supplier

)

select
    site_id,
    customer_id,
    site_type,
    name,
    clean_text(street) as street,
    -- Addresses are random letters; the nation is all that is known of the place.
    nation_name as city,
    region,
    country,
    'UTC' as tz_name,
    (select min(cast(o_orderdate as date)) from orders) as valid_from
from address
inner join place using (nation_key)
