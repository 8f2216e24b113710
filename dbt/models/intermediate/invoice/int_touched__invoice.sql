{%- set invoices = ref('stg_erp__invoice') -%}
{%- set lines = ref('stg_erp__invoice_line') -%}
{%- set customers = ref('int_touched__customer') -%}
{%- set touched_orders = ref('int_touched__order') -%}
{%- set companies = ref('int_calendar__company') -%}
{%- set rate_days = ref('int_touched__rate_day') -%}
{%- set periods = ref('int_calendar__fiscal_period') -%}
{%- set built_periods = source('state', 'built__fiscal_period') -%}
{%- set feeds = [
    source('erp', 'invoice'), source('erp', 'invoice_line'), ref('stg_erp__product'),
    ref('stg_erp__uom_conversion')
] -%}
{%- if is_update() -%}
{%- set built_lines = as_built('int_invoice__line_checked') -%}
with

products as (

    {{ changed_keys('erp', 'product', 'product_id') }}

),

conversions as (

    {{ changed_keys('erp', 'uom_conversion', 'from_uom, to_uom') }}

),

units as (

    select from_uom as uom from conversions
    union
    select to_uom from conversions

),

moved_periods as (

    {{ changed_rows(periods, built_periods, 'start_date, end_date', 'calendar_id, fiscal_period_id, start_date, end_date') }}

),

refrozen as (

    {{ refrozen_periods(periods, built_periods) }}

),

moved_companies as (

    select built.company_code
    from (select distinct company_code, local_currency from {{ built_lines }}) as built
    inner join {{ companies }} as company on built.company_code = company.company_code
    where built.local_currency <> company.local_currency

),

touched as (

    {{ delta_values('erp', 'invoice', 'invoice_id') }}
    union
    {{ delta_values('erp', 'invoice_line', 'invoice_id') }}
    union
    select invoice.invoice_id
    from {{ invoices }} as invoice
    where invoice.sold_to_customer_id in (select customer_id from {{ customers }})
        or invoice.company_code in (select company_code from moved_companies)
    union
    select line.invoice_id
    from {{ lines }} as line
    where line.product_id in (select product_id from products)
        or line.uom in (select uom from units)
        or line.order_id in (select order_id from {{ touched_orders }})
    union
    select invoice.invoice_id
    from {{ invoices }} as invoice
    inner join {{ rate_days }} as rate_day on invoice.posting_date = rate_day.rate_date
    union
    select invoice.invoice_id
    from {{ invoices }} as invoice
    inner join (select distinct start_date, end_date from moved_periods) as period
        on invoice.posting_date >= period.start_date
        and invoice.posting_date < period.end_date
    union
    select built.invoice_id
    from {{ built_lines }} as built
    inner join refrozen
        on built.fiscal_period_id = refrozen.fiscal_period_id
        and built.known_at > refrozen.from_at
        and built.known_at <= refrozen.to_at

)

-- A document that is posted in another period or for another entity now, or withdrawn, leaves those behind.
select
    touched.invoice_id,
    built.fiscal_period_id as built_fiscal_period_id,
    built.entity_id as built_entity_id
from touched
left join (
    select invoice_id, min(fiscal_period_id) as fiscal_period_id, min(entity_id) as entity_id
    from {{ built_lines }}
    where invoice_id in (select touched.invoice_id from touched)
    group by invoice_id
) as built on touched.invoice_id = built.invoice_id
where touched.invoice_id is not null
{%- else -%}
select invoice_id, fiscal_period_id as built_fiscal_period_id, sold_to_customer_id as built_entity_id from {{ invoices }} where 1 = 0
{%- endif %}
