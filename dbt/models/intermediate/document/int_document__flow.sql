{#- A view: it is asked for a few documents at a time, and every row in it stands in a table already. -#}
{{ config(materialized='view') }}

with

order_lines as (

    select order_id, line_no, schedule_no, product_id, ordered_base_qty from {{ ref('int_order__line') }}

),

shipment_lines as (

    select * from {{ ref('int_shipment__line') }} where order_line_no is not null

),

schedule_splits as (

    select * from {{ ref('int_shipment__schedule_split') }}

),

invoice_lines as (

    select * from {{ ref('int_invoice__line') }} where order_id is not null

),

shipped as (

    select order_id, order_line_no as line_no, schedule_no, shipment_id, line_no as shipment_line_no, shipped_base_qty
    from shipment_lines
    where schedule_no is not null

    union all

    select order_id, line_no, schedule_no, shipment_id, shipment_line_no, shipped_base_qty
    from schedule_splits

),

delivered as (

    select
        shipped.*,
        shipment_lines.departed_at,
        shipment_lines.delivered_at
    from shipped
    inner join shipment_lines
        on shipped.shipment_id = shipment_lines.shipment_id
        and shipped.shipment_line_no = shipment_lines.line_no

),

flow as (

    -- Goods that were ordered, and shipped where they were.
    select
        order_lines.order_id,
        order_lines.line_no,
        order_lines.schedule_no,
        order_lines.product_id,
        case when delivered.shipment_id is null then 'ORDERED' else 'SHIPPED' end as step,
        order_lines.ordered_base_qty,
        delivered.shipment_id,
        delivered.shipment_line_no,
        delivered.shipped_base_qty,
        delivered.departed_at,
        delivered.delivered_at,
        cast(null as {{ dbt.type_string() }}) as invoice_id,
        cast(null as bigint) as invoice_line_no,
        cast(null as decimal(18, 6)) as invoiced_base_qty,
        cast(null as decimal(18, 4)) as net_amount_group,
        cast(null as {{ dbt.type_string() }}) as corrects_invoice_id
    from order_lines
    left join delivered
        on order_lines.order_id = delivered.order_id
        and order_lines.line_no = delivered.line_no
        and order_lines.schedule_no = delivered.schedule_no

    union all

    -- Each invoice line stands once, at the order line that it names: a consolidated invoice
    -- falls apart into the orders it is for, and nothing is counted twice.
    select
        invoice_lines.order_id,
        invoice_lines.order_line_no,
        shipment_lines.schedule_no,
        invoice_lines.product_id,
        case when invoice_lines.invoice_type in ('INVOICE', 'DEBIT') then 'INVOICED' else 'CREDITED' end,
        cast(null as decimal(18, 6)),
        invoice_lines.shipment_id,
        invoice_lines.shipment_line_no,
        cast(null as decimal(18, 6)),
        shipment_lines.departed_at,
        shipment_lines.delivered_at,
        invoice_lines.invoice_id,
        invoice_lines.line_no,
        cast(invoice_lines.invoiced_base_qty as decimal(18, 6)),
        invoice_lines.net_amount_group,
        invoice_lines.ref_invoice_id
    from invoice_lines
    left join shipment_lines
        on invoice_lines.shipment_id = shipment_lines.shipment_id
        and invoice_lines.shipment_line_no = shipment_lines.line_no

)

select * from flow
