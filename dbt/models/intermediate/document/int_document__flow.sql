{#- A view: it is asked for a few documents at a time, and every row in it stands in a table already. -#}
{{ config(materialized='view') }}
{%- set no_text = 'cast(null as ' ~ dbt.type_string() ~ ')' -%}
{%- set no_number = 'cast(null as bigint)' -%}
{%- set no_qty = 'cast(null as decimal(18, 6))' -%}
{%- set no_amount = 'cast(null as decimal(18, 4))' -%}

with

order_lines as (

    select order_id, line_no, schedule_no, product_id, ordered_base_qty, ordered_date from {{ ref('int_order__line') }}

),

shipment_lines as (

    select * from {{ ref('int_shipment__line') }}

),

schedule_splits as (

    select * from {{ ref('int_shipment__schedule_split') }}

),

invoices as (

    select invoice_id, paid_date from {{ ref('stg_erp__invoice') }}

),

invoice_lines as (

    select
        line.*,
        coalesce(line.order_id, '-2') as order_key,
        invoices.paid_date,
        line.invoice_type in ('INVOICE', 'DEBIT') as is_invoice,
        -- A bill that names its shipment line, or has no quantity, has nothing to be split by.
        line.invoice_type in ('INVOICE', 'DEBIT')
        and line.order_id is not null
        and line.order_line_no is not null
        and line.shipment_id is null
        and coalesce(line.invoiced_base_qty, 0) > 0 as is_split
    from {{ ref('int_invoice__line') }} as line
    left join invoices on line.invoice_id = invoices.invoice_id

),

billed_by_name as (

    select shipment_id, shipment_line_no, sum(invoiced_base_qty) as billed_base_qty
    from invoice_lines
    where is_invoice
        and shipment_id is not null
        and invoiced_base_qty > 0
    group by shipment_id, shipment_line_no

),

unbilled_pieces as (

    select
        shipped.order_id,
        shipped.order_line_no,
        shipped.schedule_no,
        shipped.shipment_id,
        shipped.line_no as shipment_line_no,
        shipped.departed_at,
        shipped.delivered_at,
        greatest(coalesce(shipped.shipped_base_qty, 0) - coalesce(billed.billed_base_qty, 0), 0) as free_base_qty
    from shipment_lines as shipped
    left join billed_by_name as billed
        on shipped.shipment_id = billed.shipment_id
        and shipped.line_no = billed.shipment_line_no
    where shipped.order_line_no is not null

),

pieces_in_turn as (

    select
        unbilled_pieces.*,
        sum(free_base_qty) over (
            partition by order_id, order_line_no
            order by departed_at nulls last, shipment_id, shipment_line_no
            rows between unbounded preceding and current row
        ) as until_base_qty
    from unbilled_pieces

),

shipped_totals as (

    select order_id, order_line_no, sum(free_base_qty) as free_base_qty
    from unbilled_pieces
    group by order_id, order_line_no

),

bills_in_turn as (

    select
        order_id,
        order_line_no,
        invoice_id,
        line_no,
        invoiced_base_qty,
        net_amount_group,
        sum(invoiced_base_qty) over (
            partition by order_id, order_line_no
            order by posting_date, invoice_id, line_no
            rows between unbounded preceding and current row
        ) as until_base_qty
    from invoice_lines
    where is_split

),

shares as (

    -- What was shipped first is billed first; both are laid along one line and cut at every end.
    select
        bill.invoice_id,
        bill.line_no,
        piece.schedule_no,
        piece.shipment_id,
        piece.shipment_line_no,
        piece.departed_at,
        piece.delivered_at,
        bill.invoiced_base_qty,
        bill.net_amount_group,
        greatest(bill.until_base_qty - bill.invoiced_base_qty, piece.until_base_qty - piece.free_base_qty)
        - (bill.until_base_qty - bill.invoiced_base_qty) as from_base_qty,
        least(bill.until_base_qty, piece.until_base_qty)
        - (bill.until_base_qty - bill.invoiced_base_qty) as to_base_qty
    from bills_in_turn as bill
    inner join pieces_in_turn as piece
        on bill.order_id = piece.order_id
        and bill.order_line_no = piece.order_line_no
        and piece.free_base_qty > 0
        and bill.until_base_qty > piece.until_base_qty - piece.free_base_qty
        and piece.until_base_qty > bill.until_base_qty - bill.invoiced_base_qty

    union all

    -- Billed ahead of the goods, or with goods that nobody shipped.
    select
        bill.invoice_id,
        bill.line_no,
        {{ no_number }},
        {{ no_text }},
        {{ no_number }},
        cast(null as timestamp),
        cast(null as timestamp),
        bill.invoiced_base_qty,
        bill.net_amount_group,
        greatest(
            coalesce(shipped.free_base_qty, 0) - (bill.until_base_qty - bill.invoiced_base_qty), 0
        ) as from_base_qty,
        bill.invoiced_base_qty
    from bills_in_turn as bill
    left join shipped_totals as shipped
        on bill.order_id = shipped.order_id
        and bill.order_line_no = shipped.order_line_no
    where bill.until_base_qty > coalesce(shipped.free_base_qty, 0)

),

billed as (

    -- The amount is cut where the quantity is: each cut is rounded once, so the parts make the whole.
    select
        invoice_id,
        line_no,
        schedule_no,
        shipment_id,
        shipment_line_no,
        departed_at,
        delivered_at,
        to_base_qty - from_base_qty as invoiced_base_qty,
        cast(round(cast(net_amount_group as double) * {{ safe_divide('to_base_qty', 'invoiced_base_qty') }}, 4) as decimal(18, 4))
        - cast(round(cast(net_amount_group as double) * {{ safe_divide('from_base_qty', 'invoiced_base_qty') }}, 4) as decimal(18, 4))
            as net_amount_group
    from shares

    union all

    select
        line.invoice_id,
        line.line_no,
        shipped.schedule_no,
        line.shipment_id,
        line.shipment_line_no,
        shipped.departed_at,
        shipped.delivered_at,
        line.invoiced_base_qty,
        line.net_amount_group
    from invoice_lines as line
    left join shipment_lines as shipped
        on line.shipment_id = shipped.shipment_id
        and line.shipment_line_no = shipped.line_no
    where not line.is_split

),

flow as (

    select
        order_id,
        line_no,
        schedule_no,
        product_id,
        'ORDERED' as step,
        ordered_date as step_date,
        ordered_base_qty,
        {{ no_text }} as shipment_id,
        {{ no_number }} as shipment_line_no,
        {{ no_text }} as load_id,
        {{ no_qty }} as picked_base_qty,
        {{ no_qty }} as shipped_base_qty,
        cast(null as timestamp) as departed_at,
        cast(null as timestamp) as delivered_at,
        {{ no_text }} as invoice_id,
        {{ no_number }} as invoice_line_no,
        {{ no_qty }} as invoiced_base_qty,
        {{ no_amount }} as net_amount_group,
        {{ no_text }} as corrects_invoice_id,
        {{ no_amount }} as paid_amount_group
    from order_lines

    union all

    -- A shipment line that serves several schedule lines is cut; its picking is told once.
    select
        shipped.order_id,
        shipped.order_line_no,
        coalesce(split.schedule_no, shipped.schedule_no),
        shipped.product_id,
        'SHIPPED',
        shipped.departed_date,
        {{ no_qty }},
        shipped.shipment_id,
        shipped.line_no,
        shipped.load_id,
        case
            when split.schedule_no is null
                or split.schedule_no = min(split.schedule_no) over (partition by shipped.order_id, shipped.shipment_id, shipped.line_no)
                then shipped.picked_base_qty
        end,
        coalesce(split.shipped_base_qty, shipped.shipped_base_qty),
        shipped.departed_at,
        shipped.delivered_at,
        {{ no_text }},
        {{ no_number }},
        {{ no_qty }},
        {{ no_amount }},
        {{ no_text }},
        {{ no_amount }}
    from shipment_lines as shipped
    left join schedule_splits as split
        on shipped.shipment_id = split.shipment_id
        and shipped.line_no = split.shipment_line_no

    union all

    select
        line.order_key,
        line.order_line_no,
        billed.schedule_no,
        line.product_id,
        case when line.is_invoice then 'INVOICED' else 'CREDITED' end,
        line.posting_date,
        {{ no_qty }},
        billed.shipment_id,
        billed.shipment_line_no,
        {{ no_text }},
        {{ no_qty }},
        {{ no_qty }},
        billed.departed_at,
        billed.delivered_at,
        line.invoice_id,
        line.line_no,
        cast(billed.invoiced_base_qty as decimal(18, 6)),
        cast(billed.net_amount_group as decimal(18, 4)),
        line.ref_invoice_id,
        {{ no_amount }}
    from invoice_lines as line
    inner join billed
        on line.invoice_id = billed.invoice_id
        and line.line_no = billed.line_no

    union all

    select
        order_key,
        order_line_no,
        {{ no_number }},
        product_id,
        'PAID',
        paid_date,
        {{ no_qty }},
        {{ no_text }},
        {{ no_number }},
        {{ no_text }},
        {{ no_qty }},
        {{ no_qty }},
        cast(null as timestamp),
        cast(null as timestamp),
        invoice_id,
        line_no,
        {{ no_qty }},
        {{ no_amount }},
        ref_invoice_id,
        net_amount_group
    from invoice_lines
    where paid_date is not null

)

select * from flow
