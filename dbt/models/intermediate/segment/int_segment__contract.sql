{#- A view: contracts are few, and one solver asks. -#}
{{ config(materialized='view') }}
with

contracts as (

    select * from {{ ref('stg_crm__contract') }}

),

policy as (

    select max(initial_load_days) as initial_load_days
    from {{ ref('segment_scheme') }}
    where status = 'ACTIVE'

),

-- What came with the first load is known since it was signed; all else since it came.
beginning as (

    select {{ add_days('first_load.known_date', 'policy.initial_load_days') }} as ends_date
    from (select min(cast(_known_at as date)) as known_date from contracts) as first_load
    cross join policy

),

timed as (

    select
        entity.entity_id,
        contracts.contract_id,
        contracts.version,
        contracts.tier_floor,
        contracts.start_date,
        case when contracts.is_auto_renew then null else contracts.end_date end as end_date,
        case
            when cast(contracts._known_at as date) >= beginning.ends_date then cast(contracts._known_at as date)
            when contracts.signed_date is null then contracts.start_date
            else contracts.signed_date
        end as known_date
    from contracts
    cross join beginning
    inner join {{ ref('int_customer__segmentation_entity') }} as entity
        on contracts.customer_id = entity.customer_id

),

final as (

    select
        timed.*,
        lead(known_date) over (partition by contract_id order by version) as known_until_date
    from timed

)

select * from final
