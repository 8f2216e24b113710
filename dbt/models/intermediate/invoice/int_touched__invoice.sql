{#- Only updates read this; a build from scratch has nothing to look up. -#}
{%- set invoices = ref('stg_erp__invoice') -%}
{%- set lines = ref('stg_erp__invoice_line') -%}
{%- set customers = ref('int_touched__customer') -%}
{%- set new_invoices = tierline.delta_of(source('erp', 'invoice')) -%}
{%- set new_lines = tierline.delta_of(source('erp', 'invoice_line')) -%}
{%- set products = tierline.changed_keys('erp', 'product', 'product_id') -%}
{%- set conversions = tierline.changed_keys('erp', 'uom_conversion', 'from_uom, to_uom') -%}
{%- set rates = tierline.changed_keys('erp', 'fx_rate', 'rate_date') -%}
{%- set periods = tierline.changed_keys('erp', 'fiscal_calendar', 'start_date, end_date') -%}
{%- set ledger = ref('stg_finance__gl_balance') -%}
{%- set rate_policy = ref('exchange_rate') -%}
{%- if flags.FULL_REFRESH or target.type != 'duckdb' -%}
select invoice_id from {{ invoices }} where 1 = 0
{%- else -%}
{%- set built_ledger = ledger.incorporate(path={'schema': 'state', 'identifier': 'built__finance__gl_balance'}) -%}
with

products as (

    {{ products }}

),

conversions as (

    {{ conversions }}

),

units as (

    select from_uom as uom from conversions
    union
    select to_uom from conversions

),

-- A rate may also serve the days after its own, if policy lets it.
rate_days as (

    select changed.rate_date as first_day, {{ add_days('changed.rate_date', 'policy.carry_forward_days') }} as last_day
    from ({{ rates }}) as changed
    cross join (select max(carry_forward_days) as carry_forward_days from {{ rate_policy }}) as policy

),

periods as (

    {{ periods }}

),

-- The ledger tells the currency of a company's books.
books as (

    select company_code, min(currency) as currency, count(distinct currency) as currency_count, 'NEW' as version
    from {{ ledger }}
    group by company_code
    union all
    select company_code, min(currency), count(distinct currency), 'BUILT'
    from {{ built_ledger }}
    group by company_code

),

companies as (

    select company_code
    from books
    group by company_code
    having count(*) <> 2 or min(currency) <> max(currency) or min(currency_count) <> max(currency_count)

),

touched as (

    select invoice_id from {{ new_invoices }}
    union
    select invoice_id from {{ new_lines }}
    union
    select invoice.invoice_id
    from {{ invoices }} as invoice
    where invoice.sold_to_customer_id in (select customer_id from {{ customers }})
        or invoice.company_code in (select company_code from companies)
    union
    select line.invoice_id
    from {{ lines }} as line
    where line.product_id in (select product_id from products)
        or line.uom in (select uom from units)
    union
    select invoice.invoice_id
    from {{ invoices }} as invoice
    inner join (select distinct first_day, last_day from rate_days) as rate_day
        on invoice.posting_date >= rate_day.first_day
        and invoice.posting_date <= rate_day.last_day
    union
    select invoice.invoice_id
    from {{ invoices }} as invoice
    inner join (select distinct start_date, end_date from periods) as period
        on invoice.posting_date >= period.start_date
        and invoice.posting_date < period.end_date

)

select invoice_id from touched where invoice_id is not null
{%- endif -%}
