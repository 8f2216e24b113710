{%- set orders = ref('stg_erp__sales_order') -%}
{%- set touched_orders = ref('int_touched__order') -%}
{%- set touched_invoices = ref('int_touched__invoice') -%}
{%- set lines = ref('stg_erp__invoice_line') -%}
{%- set returns = ref('stg_wms__return') -%}
{%- set raw_lines = source('erp', 'invoice_line') -%}
{%- set raw_returns = source('wms', 'return') -%}
{%- set feeds = [source('erp', 'invoice'), source('wms', 'return_line')] -%}
{%- if is_update() -%}
with

returned as (

    {{ delta_values('wms', 'return', 'return_id') }}

    union

    {{ delta_values('wms', 'return_line', 'return_id') }}

),

-- A line that was corrected may have named another order before.
corrected_invoices as (

    select distinct invoice_id from {{ lines }}
    where _revision_count > 1
        and invoice_id in (select touched.invoice_id from {{ touched_invoices }} as touched)

),

touched as (

    select order_id from {{ touched_orders }}

    union

    {{ delta_values('erp', 'invoice_line', 'order_id') }}

    union

    select line.order_id
    from {{ lines }} as line
    where line.invoice_id in (select touched.invoice_id from {{ touched_invoices }} as touched)

    union

    select {{ typed_column('landed.order_id', 'varchar') }}
    from {{ raw_lines }} as landed
    inner join corrected_invoices on {{ typed_column('landed.invoice_id', 'varchar') }} = corrected_invoices.invoice_id

    union

    {{ delta_values('wms', 'return', 'order_id') }}

    union

    select {{ typed_column('landed.order_id', 'varchar') }}
    from {{ raw_returns }} as landed
    inner join returned on {{ typed_column('landed.return_id', 'varchar') }} = returned.return_id

)

select order_id from touched where order_id is not null
{%- else -%}
select order_id from {{ orders }} where 1 = 0
{%- endif %}
