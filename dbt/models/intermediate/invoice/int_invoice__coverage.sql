with

lines as (

    select invoice_id from {{ ref('stg_erp__invoice_line') }}

),

coverage as (

    -- Without any invoice at all nobody knows what was invoiced; with invoices, none is zero.
    select count(*) > 0 as has_invoices from lines

)

select * from coverage
