{{ config(materialized='view') }}
with

accounts as (

    select source_id as account_id, customer_id
    from {{ ref('int_customer__crosswalk') }}
    where source_system = 'crm'

),

complaints as (

    select
        complaint.case_id,
        case when complaint.customer_id is null then accounts.customer_id else complaint.customer_id end as customer_id,
        cast(complaint.opened_at as date) as opened_date
    from {{ ref('stg_crm__case') }} as complaint
    left join accounts on complaint.account_id = accounts.account_id
    where complaint.category <> 'INFO'

)

select
    entity.entity_id,
    {{ month_start('complaints.opened_date') }} as opened_month,
    count(*) as complaints_count
from complaints
inner join {{ ref('int_customer__segmentation_entity') }} as entity on complaints.customer_id = entity.customer_id
where not entity.is_excluded
group by entity.entity_id, {{ month_start('complaints.opened_date') }}
