with

erp_customers as (

    select
        customer_id,
        upper(translate(tax_id, ' -./', '')) as tax_number,
        upper(translate(vat_id, ' -./', '')) as vat_number
    from {{ ref('stg_erp__customer') }}

),

crm_accounts as (

    select
        account_id,
        customer_id,
        upper(translate(tax_id, ' -./', '')) as tax_number,
        upper(translate(vat_id, ' -./', '')) as vat_number
    from {{ ref('stg_crm__account') }}

),

-- A VAT number carries its country; a number that several customers share identifies none of them.
customers_by_vat as (

    select vat_number, min(customer_id) as customer_id
    from erp_customers
    where length(vat_number) >= 8
    group by vat_number
    having count(*) = 1

),

-- CRM accounts have no country, so a national number must be the only one of its kind anywhere.
customers_by_tax as (

    select tax_number, min(customer_id) as customer_id
    from erp_customers
    where length(tax_number) >= 6
        and replace(tax_number, substring(tax_number, 1, 1), '') <> ''
    group by tax_number
    having count(*) = 1

),

crm_matches as (

    select
        account.account_id,
        coalesce(same_id.customer_id, by_vat.customer_id, by_tax.customer_id) as customer_id,
        case
            when same_id.customer_id is not null then 'CRM_CUSTOMER_ID'
            when by_vat.customer_id is not null then 'VAT_ID'
            when by_tax.customer_id is not null then 'TAX_ID'
            else 'UNMATCHED'
        end as method
    from crm_accounts as account
    left join erp_customers as same_id on account.customer_id = same_id.customer_id
    left join customers_by_vat as by_vat on account.vat_number = by_vat.vat_number
    left join customers_by_tax as by_tax on account.tax_number = by_tax.tax_number

),

matches as (

    select 'erp' as source_system, customer_id as source_id, customer_id, 'ERP_CUSTOMER_ID' as method
    from erp_customers

    union all

    select 'crm', account_id, customer_id, method from crm_matches

),

final as (

    select
        source_system,
        source_id,
        customer_id,
        method,
        cast(case when method = 'UNMATCHED' then 0 when method = 'TAX_ID' then 0.95 else 1 end as decimal(9, 4)) as confidence,
        cast('1900-01-01' as date) as valid_from,
        cast('9999-12-31' as date) as valid_to
    from matches

)

select * from final
