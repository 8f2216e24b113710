{#- A view: contracts are few, and the analyses ask once a month. -#}
{{ config(materialized='view') }}
with

versions as (

    select
        contract.*,
        row_number() over (partition by contract.contract_id order by contract.version desc) as rank_no
    from {{ ref('stg_crm__contract') }} as contract

),

terms as (

    select
        contract_id,
        max(case when unit in ('%', 'percent') then target / 100 else target end) as otif_target
    from {{ ref('stg_crm__contract_sla_term') }}
    where element = 'OTIF'
    group by contract_id

),

parties as (

    select customer_id, entity_id, buying_group
    from {{ ref('int_customer__party') }}
    where not is_excluded

),

held as (

    select
        parties.entity_id,
        parties.buying_group,
        versions.contract_id,
        versions.contract_type,
        versions.start_date,
        versions.end_date,
        versions.is_auto_renew,
        versions.tier_floor,
        cast(terms.otif_target as decimal(18, 6)) as otif_target
    from versions
    inner join parties on versions.customer_id = parties.customer_id
    left join terms on versions.contract_id = terms.contract_id
    where versions.rank_no = 1

),

-- A frame agreement of a buying group holds for everyone who buys through the group.
shared as (

    select distinct
        member.entity_id,
        held.contract_id,
        held.contract_type,
        held.start_date,
        held.end_date,
        held.is_auto_renew,
        held.tier_floor,
        held.otif_target
    from held
    inner join parties as member
        on held.buying_group = member.buying_group
        and held.entity_id <> member.entity_id
    where held.contract_type = 'FRAMEWORK'

)

select
    entity_id, contract_id, contract_type, start_date, end_date, is_auto_renew, tier_floor, otif_target,
    false as is_through_buying_group
from held

union all

select
    entity_id, contract_id, contract_type, start_date, end_date, is_auto_renew, tier_floor, otif_target,
    true as is_through_buying_group
from shared
