{#- A view: customers are few and only their kind is asked for. -#}
{{ config(materialized='view') }}
with

entities as (

    select * from {{ ref('int_segment__entity') }}

),

-- The account with the lowest number that may order speaks for the entity.
members as (

    select
        entity.entity_id,
        customer.industry_code,
        customer.size_band,
        customer.region,
        row_number() over (
            partition by entity.entity_id
            order by case when customer.account_group = 'SOLD_TO' then 0 else 1 end, customer.customer_id
        ) as rank_no
    from {{ ref('int_customer__segmentation_entity') }} as entity
    inner join {{ ref('stg_erp__customer') }} as customer on entity.customer_id = customer.customer_id

),

final as (

    select
        entities.entity_id,
        entities.is_excluded,
        coalesce(entities.start_date, entities.first_activity_date) as start_date,
        entities.first_activity_date,
        coalesce(members.industry_code, '(none)') || ' / ' || coalesce(members.size_band, '(none)')
            || ' / ' || coalesce(members.region, '(none)') as group_fine,
        coalesce(members.industry_code, '(none)') || ' / ' || coalesce(members.size_band, '(none)') as group_middle,
        coalesce(members.industry_code, '(none)') as group_coarse,
        'all customers' as group_all
    from entities
    left join members on entities.entity_id = members.entity_id and members.rank_no = 1

)

select * from final
