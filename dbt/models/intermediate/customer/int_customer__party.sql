with

customers as (

    select * from {{ ref('stg_erp__customer') }}

),

-- A customer can have several CRM accounts; the surest match speaks for it.
accounts as (

    select
        crosswalk.customer_id,
        account.account_id,
        account.is_key_account,
        account.is_strategic,
        account.tier_crm,
        account.buying_group,
        row_number() over (
            partition by crosswalk.customer_id
            order by crosswalk.confidence desc, account.account_id asc
        ) as rank_no
    from {{ ref('int_customer__crosswalk') }} as crosswalk
    inner join {{ ref('stg_crm__account') }} as account on crosswalk.source_id = account.account_id
    where crosswalk.source_system = 'crm'
        and crosswalk.customer_id is not null

),

final as (

    select
        customer.customer_id,
        customer.name as customer_name,
        customer.legal_name,
        customer.account_group,
        customer.parent_customer_id,
        customer.group_id,
        entity.entity_id,
        entity.is_excluded,
        entity.exclusion_reason,
        own.party_key,
        customer.industry_code,
        customer.size_band,
        customer.currency,
        customer.payment_terms_days,
        customer.credit_limit,
        customer.is_credit_hold,
        customer.is_order_block,
        customer.delivery_priority,
        customer.erp_segment_code,
        customer.sales_org,
        customer.channel,
        customer.region,
        customer.country,
        customer.created_date,
        customer.closed_date,
        customer.is_test,
        account.account_id as crm_account_id,
        coalesce(account.is_key_account, false) as is_key_account,
        coalesce(account.is_strategic, false) as is_strategic,
        account.tier_crm as crm_tier,
        account.buying_group
    from customers as customer
    inner join {{ ref('int_customer__segmentation_entity') }} as entity
        on customer.customer_id = entity.customer_id
    inner join {{ ref('int_customer__crosswalk') }} as own
        on own.source_system = 'erp'
        and customer.customer_id = own.source_id
    left join accounts as account
        on customer.customer_id = account.customer_id
        and account.rank_no = 1

)

select * from final
