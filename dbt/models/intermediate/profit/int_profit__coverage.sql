with

invoices as (

    select has_invoices from {{ ref('int_invoice__coverage') }}

),

charges as (

    select count(*) > 0 as has_freight from {{ ref('int_shipment__freight_charge') }}

),

accounts as (

    select count(*) > 0 as has_freight_account
    from {{ ref('stg_finance__gl_account_map') }}
    where statement_line = 'FREIGHT_RECOVERED'

),

coverage as (

    select
        invoices.has_invoices,
        charges.has_freight,
        accounts.has_freight_account
    from invoices
    cross join charges
    cross join accounts

)

select * from coverage
