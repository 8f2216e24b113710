{{ config(
    materialized=large_table(),
    unique_key=['po_id', 'event_kind', 'event_id'],
    touched='int_touched__purchase_order'
) }}
{#- An overdue line explains a lack of stock for so many days; later on nobody waits for it. -#}
{%- set overdue_days = 30 -%}
with

po_lines as (

    select
        line.po_id,
        line.line_no,
        line.product_id,
        line.to_site_id as site_id,
        coalesce(line.first_promised_date, line.promised_date) as expected_date,
        line.ordered_qty,
        {{ base_quantity('line.ordered_qty', 'unit.factor') }} as ordered_base_qty,
        unit.factor
    from {{ ref('stg_erp__purchase_order_line') }} as line
    left join {{ ref('int_product__unit_factor') }} as unit
        on line.product_id = unit.product_id
        and line.uom = unit.uom
    where coalesce(line.status, '') <> 'CANCELLED'
        {{ only_touched('line.po_id', 'int_touched__purchase_order', 'po_id', 'and') }}

),

receipts as (

    select
        receipt_id,
        po_id,
        line_no,
        cast(received_at as date) as received_date,
        received_qty - coalesce(rejected_qty, 0) as accepted_qty,
        sum(received_qty - coalesce(rejected_qty, 0)) over (
            partition by po_id, line_no order by received_at, receipt_id
        ) as accepted_so_far
    from {{ ref('stg_erp__receipt') }}
    {{ only_touched('po_id', 'int_touched__purchase_order', 'po_id') }}

),

-- A line is there on the day on which all of it is.
complete as (

    select po_lines.po_id, po_lines.line_no, min(receipts.received_date) as complete_date
    from po_lines
    inner join receipts
        on po_lines.po_id = receipts.po_id
        and po_lines.line_no = receipts.line_no
        and receipts.accepted_so_far >= po_lines.ordered_qty
    group by po_lines.po_id, po_lines.line_no

),

final as (

    select
        po_lines.po_id,
        'PO_LINE' as event_kind,
        po_lines.po_id || '/' || cast(po_lines.line_no as {{ dbt.type_string() }}) as event_id,
        po_lines.product_id,
        po_lines.site_id,
        po_lines.expected_date as from_date,
        least(
            coalesce(complete.complete_date, cast('9999-12-31' as date)),
            {{ add_days('po_lines.expected_date', overdue_days) }}
        ) as to_date,
        cast(po_lines.ordered_base_qty as decimal(18, 6)) as base_qty
    from po_lines
    left join complete
        on po_lines.po_id = complete.po_id
        and po_lines.line_no = complete.line_no

    union all

    select
        receipts.po_id,
        'RECEIPT',
        receipts.receipt_id,
        po_lines.product_id,
        po_lines.site_id,
        receipts.received_date,
        receipts.received_date,
        cast({{ base_quantity('receipts.accepted_qty', 'po_lines.factor') }} as decimal(18, 6))
    from receipts
    inner join po_lines
        on receipts.po_id = po_lines.po_id
        and receipts.line_no = po_lines.line_no

)

select * from final
where from_date is not null
