{#- A place this far (degrees) from its country's middle, and three times nearer when latitude and
    longitude change places, was typed the wrong way round. -#}
{%- set far, nearer = 5, 3 -%}
with

countries as (

    select country_code, latitude, longitude from {{ ref('country') }}
    where latitude is not null and longitude is not null

),

distances as (

    select
        site.*,
        country.latitude as country_latitude,
        country.longitude as country_longitude,
        (site.latitude - country.latitude) * (site.latitude - country.latitude)
        + (site.longitude - country.longitude) * (site.longitude - country.longitude) as squared_distance,
        (site.longitude - country.latitude) * (site.longitude - country.latitude)
        + (site.latitude - country.longitude) * (site.latitude - country.longitude) as squared_distance_swapped
    from {{ ref('stg_erp__site') }} as site
    left join countries as country on site.country = country.country_code

),

sites as (

    select
        *,
        case
            when latitude = 0 and longitude = 0 then 'ZERO'
            when abs(latitude) > 90
                or (
                    squared_distance > {{ far * far }}
                    and squared_distance > {{ nearer * nearer }} * squared_distance_swapped
                )
                then 'SWAPPED'
        end as geo_problem
    from distances

),

-- The middle of the known places with the same postcode; exact sums, so no order of rows shows.
postcodes as (

    select
        country,
        postcode,
        count(*) as known_sites_count,
        cast(round({{ safe_divide('sum(latitude)', 'count(*)') }}, 6) as decimal(18, 6)) as latitude,
        cast(round({{ safe_divide('sum(longitude)', 'count(*)') }}, 6) as decimal(18, 6)) as longitude
    from sites
    where latitude is not null
        and longitude is not null
        and geo_problem is null
        and postcode is not null
    group by country, postcode

),

placed as (

    select
        sites.*,
        postcodes.known_sites_count,
        case
            when sites.latitude is not null and sites.longitude is not null and sites.geo_problem is null
                then 'AS_DELIVERED'
            when postcodes.postcode is not null then 'POSTCODE_CENTROID'
            when sites.country_latitude is not null then 'COUNTRY_CENTROID'
            else 'UNKNOWN'
        end as geo_basis,
        postcodes.latitude as postcode_latitude,
        postcodes.longitude as postcode_longitude
    from sites
    left join postcodes on sites.country = postcodes.country and sites.postcode = postcodes.postcode

)

select
    site_id,
    customer_id,
    site_type,
    name as site_name,
    city,
    postcode,
    region,
    country,
    {% for name in ['latitude', 'longitude'] -%}
    case geo_basis
        when 'AS_DELIVERED' then {{ name }}
        when 'POSTCODE_CENTROID' then postcode_{{ name }}
        when 'COUNTRY_CENTROID' then cast(country_{{ name }} as decimal(18, 6))
    end as {{ name }},
    {% endfor -%}
    case when geo_basis in ('AS_DELIVERED', 'UNKNOWN') then geo_precision else geo_basis end as geo_precision,
    geo_problem,
    geo_basis,
    geo_basis in ('POSTCODE_CENTROID', 'COUNTRY_CENTROID') as is_geo_imputed,
    cast(case when geo_basis = 'POSTCODE_CENTROID' then known_sites_count else 0 end as bigint) as geo_basis_count,
    tz_name,
    receiving_calendar_id,
    receiving_open,
    receiving_close,
    dock_count,
    valid_from,
    valid_to
from placed
