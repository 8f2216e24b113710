-- Where customers are (the registered address) and where orders go (a state of a country).
with

address as (

    select
        *,
        regexp_full_match(trim("Customer State"), '[0-9]+(\.0)?') as is_shifted
    from crm_customers

),

registered as (

    select
        'C-' || "Customer Id" as site_id,
        "Customer Id" as customer_id,
        clean_text(concat_ws(' ', "Customer Fname", "Customer Lname")) as name,
        case when not is_shifted then clean_text("Customer Street") end as street,
        case when is_shifted then clean_text("Customer Street") else clean_text("Customer City") end
            as city,
        us_zip(case when is_shifted then "Customer State" else "Customer Zipcode" end) as postcode,
        case when is_shifted then clean_text("Customer City") else clean_text("Customer State") end
            as region,
        country_code("Customer Country") as country,
        (select cast(min(ordered_at) as date) from order_header) as valid_from
    from address

),

destination as (

    select
        site_id,
        cast(null as varchar) as customer_id,
        state as name,
        cast(null as varchar) as street,
        -- The city is not in the extract.
        state as city,
        cast(null as varchar) as postcode,
        min(region) as region,
        country,
        cast(min(ordered_at) as date) as valid_from
    from order_header
    group by site_id, state, country

)

select *, 'CUSTOMER' as site_type, 'UTC' as tz_name
from (
    select * from registered
    union all
    select * from destination
)
