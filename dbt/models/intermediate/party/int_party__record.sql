{{ config(materialized='view') }}

with

-- A customer's address is that of the dock it has had for the shortest time.
docks as (

    select
        customer_id,
        street,
        city,
        postcode,
        row_number() over (partition by customer_id order by valid_from desc, site_id asc) as rank_no
    from {{ ref('stg_erp__site') }}
    where customer_id is not null

),

erp as (

    select
        'erp' as source_system,
        customer.customer_id as source_id,
        cast(null as string) as named_customer_id,
        -- One-time, employee and test accounts stand for nobody, so they resemble nobody.
        customer.is_test or customer.account_group in ('ONE_TIME', 'EMPLOYEE') as is_collective,
        coalesce(customer.legal_name, customer.name) as name,
        dock.street,
        dock.city,
        dock.postcode,
        customer.country,
        customer.phone,
        customer.email,
        customer.tax_id,
        customer.vat_id,
        customer.lei,
        customer.gln,
        customer.duns,
        customer.closed_date is null as is_active,
        customer.created_date,
        customer._extracted_at as extracted_at
    from {{ ref('stg_erp__customer') }} as customer
    left join docks as dock on customer.customer_id = dock.customer_id and dock.rank_no = 1

),

crm as (

    select
        'crm' as source_system,
        account_id as source_id,
        customer_id as named_customer_id,
        false as is_collective,
        name,
        street,
        city,
        postcode,
        country,
        phone,
        email,
        tax_id,
        vat_id,
        cast(null as string) as lei,
        cast(null as string) as gln,
        cast(null as string) as duns,
        upper(status) not in ('CLOSED', 'INACTIVE', 'MERGED', 'ARCHIVED') as is_active,
        created_date,
        _extracted_at as extracted_at
    from {{ ref('stg_crm__account') }}

),

together as (

    select * from erp
    union all
    select * from crm

),

numbered as (

    -- A number that fails its check digit still says something beside a name.
    select *, upper(translate(coalesce(vat_id, tax_id), ' -./', '')) as plain_number
    from together

),

final as (

    select
        source_system || ':' || source_id as record_id,
        source_system,
        source_id,
        named_customer_id,
        case when named_customer_id is not null then 'erp:' || named_customer_id end as names_id,
        case when not is_collective then name end as name,
        case when not is_collective then street end as street,
        case when not is_collective then city end as city,
        case when not is_collective then postcode end as postcode,
        country,
        case when not is_collective then phone end as phone,
        case when not is_collective then email end as email,
        case when not is_collective then tax_id end as tax_id,
        case when not is_collective then vat_id end as vat_id,
        case when not is_collective then lei end as lei,
        case when not is_collective then gln end as gln,
        case when not is_collective then duns end as duns,
        case
            when not is_collective
                and length(plain_number) >= 6
                and replace(plain_number, substring(plain_number, length(plain_number), 1), '') <> ''
                then plain_number
        end as registered_number,
        is_active,
        created_date,
        extracted_at
    from numbered

)

select * from final
