with

key_accounts as (

    select customer_id, max(case when is_key_account then 1 else 0 end) as is_key_account
    from {{ ref('stg_crm__account') }}
    where customer_id is not null
    group by customer_id

),

members as (

    select
        entity.entity_id,
        entity.former_entity_id,
        entity.former_until_date,
        entity.merged_entity_id,
        entity.merged_date,
        entity.is_excluded,
        entity.exclusion_reason,
        customer.account_group,
        customer.created_date,
        customer.channel,
        customer.country,
        parent.entity_id as parent_entity_id,
        -- Who came from another family says nothing about this one before; else the parent may have moved.
        case
            when entity.former_entity_id <> entity.entity_id then null
            when entity.former_until_date is not null then former_parent.entity_id
            when parent.former_until_date is not null then nullif(parent.former_entity_id, entity.entity_id)
            else parent.entity_id
        end as former_parent_entity_id,
        coalesce(entity.former_until_date, parent.former_until_date) as family_since_date,
        account.is_key_account
    from {{ ref('int_customer__segmentation_entity') }} as entity
    inner join {{ ref('stg_erp__customer') }} as customer on entity.customer_id = customer.customer_id
    -- Parents are mostly one entity with their daughters; a daughter in another group is not.
    left join {{ ref('int_customer__segmentation_entity') }} as parent
        on customer.parent_customer_id = parent.customer_id
        and parent.entity_id <> entity.entity_id
        and not parent.is_excluded
    left join {{ ref('int_customer__segmentation_entity') }} as former_parent
        on entity.former_parent_id = former_parent.customer_id
        and former_parent.entity_id <> entity.entity_id
        and not former_parent.is_excluded
    left join key_accounts as account on entity.customer_id = account.customer_id

),

entities as (

    select
        entity_id,
        min(created_date) as created_date,
        cast(max(cast(is_excluded as int)) as boolean) as is_excluded,
        min(exclusion_reason) as exclusion_reason,
        -- Accounts that only receive goods or pay belong to no one's demand.
        max(case when account_group = 'SOLD_TO' or is_excluded then 1 else 0 end) as can_order,
        min(parent_entity_id) as parent_entity_id,
        min(former_parent_entity_id) as former_parent_entity_id,
        max(family_since_date) as family_since_date,
        cast(null as date) as dissolved_date,
        cast(null as date) as merged_date,
        cast(null as string) as merged_into_entity_id,
        min(account_group) as account_group,
        min(channel) as channel,
        min(country) as country_code,
        max(is_key_account) as is_key_account
    from members
    group by entity_id

    union all

    -- Families that everyone has left: their history stays theirs.
    select
        former_entity_id,
        min(created_date),
        false,
        cast(null as string),
        max(case when account_group = 'SOLD_TO' then 1 else 0 end),
        cast(null as string),
        cast(null as string),
        cast(null as date),
        max(former_until_date),
        cast(null as date),
        cast(null as string),
        min(account_group),
        min(channel),
        min(country),
        max(is_key_account)
    from members
    where former_entity_id is not null
        and former_entity_id not in (select staying.entity_id from members as staying)
    group by former_entity_id

    union all

    -- Entities that ended with a merge: what was known of them before can be asked for.
    select
        merged_entity_id,
        min(created_date),
        false,
        cast(null as string),
        max(case when account_group = 'SOLD_TO' then 1 else 0 end),
        cast(null as string),
        cast(null as string),
        cast(null as date),
        cast(null as date),
        max(merged_date),
        min(entity_id),
        min(account_group),
        min(channel),
        min(country),
        max(is_key_account)
    from members
    where merged_entity_id is not null
    group by merged_entity_id

),

activity as (

    select
        entity_id,
        -- What a merged customer did before does not make this one older.
        min(case when merge_role = 'JOINED' then null else first_activity_date end) as first_activity_date
    from {{ ref('int_customer__month') }}
    group by entity_id

),

final as (

    select
        entities.entity_id,
        entities.created_date,
        activity.first_activity_date,
        case
            when activity.first_activity_date < entities.created_date then activity.first_activity_date
            else entities.created_date
        end as start_date,
        entities.is_excluded,
        entities.exclusion_reason,
        entities.parent_entity_id,
        entities.former_parent_entity_id,
        entities.family_since_date,
        entities.dissolved_date,
        entities.merged_date,
        entities.merged_into_entity_id,
        entities.account_group,
        entities.channel,
        entities.country_code,
        entities.is_key_account
    from entities
    left join activity on entities.entity_id = activity.entity_id
    where entities.can_order = 1 or activity.entity_id is not null

)

select * from final
