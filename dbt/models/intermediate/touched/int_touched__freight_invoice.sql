{%- set charges = ref('stg_tms__freight_invoice') -%}
{%- set loads = ref('stg_tms__load_shipment') -%}
{%- set shipments = ref('stg_wms__shipment') -%}
{%- set touched_shipments = ref('int_touched__shipment') -%}
{%- set touched_orders = ref('int_touched__order') -%}
{%- set shipment_lines = ref('int_shipment__line') -%}
{%- set rate_days = ref('int_touched__rate_day') -%}
{%- set feeds = [source('tms', 'freight_invoice')] -%}
{%- if is_update() -%}
with

shipments_in_question as (

    select shipment_id from {{ touched_shipments }}

    union

    select line.shipment_id
    from {{ shipment_lines }} as line
    where line.order_id in (select touched.order_id from {{ touched_orders }} as touched)

),

loads_in_question as (

    {{ delta_values('tms', 'load_shipment', 'load_id') }}

    union

    select built_load_id from {{ touched_shipments }} where built_load_id is not null

    union

    select load_id from {{ loads }}
    where shipment_id in (select shipments_in_question.shipment_id from shipments_in_question)

    union

    select load_id from {{ shipments }}
    where load_id is not null
        and shipment_id in (select shipments_in_question.shipment_id from shipments_in_question)

),

touched_charges as (

    {{ delta_values('tms', 'freight_invoice', 'freight_invoice_id') }}

    union

    select freight_invoice_id from {{ charges }}
    where shipment_id in (select shipments_in_question.shipment_id from shipments_in_question)
        or load_id in (select loads_in_question.load_id from loads_in_question)

    union

    select charge.freight_invoice_id
    from {{ charges }} as charge
    inner join {{ rate_days }} as rate_day on charge.invoice_date = rate_day.rate_date

)

select freight_invoice_id from touched_charges where freight_invoice_id is not null
{%- else -%}
select freight_invoice_id from {{ charges }} where 1 = 0
{%- endif %}
