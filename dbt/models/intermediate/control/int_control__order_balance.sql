{{ config(materialized=large_table(), unique_key=['order_id'], touched='int_touched__order_balance') }}

{#- Only lines whose sides differ are kept: a day costs the orders that it touched, and the table stays small. -#}
with

order_lines as (

    select
        order_id,
        line_no,
        min(order_type) as order_type,
        max(is_bill_and_hold) as is_bill_and_hold,
        max(line_role = 'COMPONENT') as is_component
    from {{ ref('int_order__line') }}
    {{ only_touched('order_id', 'int_touched__order_balance', 'order_id') }}
    group by order_id, line_no

),

moves as (

    select
        order_id,
        line_no,
        coalesce(shipped_base_qty, 0) as shipped_qty,
        0 as returned_qty,
        0 as invoiced_qty,
        0 as credited_qty,
        unquantified_piece_count as unknown_count,
        last_departed_date as moved_date
    from {{ ref('int_order__line_fulfilment') }}
    {{ only_touched('order_id', 'int_touched__order_balance', 'order_id') }}

    union all

    select order_id, order_line_no, 0, coalesce(returned_base_qty, 0), 0, 0, 0, received_date
    from {{ ref('int_return__line') }}
    {{ only_touched('order_id', 'int_touched__order_balance', 'order_id') }}

    union all

    -- A rejected line counts as well: why it is rejected is the business of another control.
    select
        order_id,
        order_line_no,
        0,
        0,
        case when invoice_type = 'CREDIT' then 0 else coalesce(invoiced_base_qty, 0) end,
        case when invoice_type = 'CREDIT' then -1 * coalesce(invoiced_base_qty, 0) else 0 end,
        0,
        posting_date
    from {{ ref('int_invoice__line_checked') }}
    where order_id is not null
        {{ only_touched('order_id', 'int_touched__order_balance', 'order_id', word='and') }}

),

sums as (

    select
        order_id,
        line_no,
        sum(shipped_qty) as shipped_qty,
        sum(returned_qty) as returned_qty,
        sum(invoiced_qty) as invoiced_qty,
        sum(credited_qty) as credited_qty,
        sum(unknown_count) as unknown_count,
        max(moved_date) as moved_date
    from moves
    group by order_id, line_no

),

final as (

    select
        sums.order_id,
        sums.line_no,
        cast(sums.shipped_qty as decimal(18, 6)) as shipped_base_qty,
        cast(sums.returned_qty as decimal(18, 6)) as returned_base_qty,
        cast(sums.invoiced_qty as decimal(18, 6)) as invoiced_base_qty,
        cast(sums.credited_qty as decimal(18, 6)) as credited_base_qty,
        sums.moved_date as last_moved_date
    from sums
    inner join order_lines
        on sums.order_id = order_lines.order_id
        and sums.line_no = order_lines.line_no
    where (sums.shipped_qty <> sums.invoiced_qty or sums.returned_qty <> sums.credited_qty)
        and sums.unknown_count = 0
        -- Shipped by the supplier, not yet used up, or never meant to be shipped.
        and order_lines.order_type not in ('DROPSHIP', 'CONSIGNMENT', 'RETURN')
        -- What costs nothing need not be invoiced, and the parts of a kit are invoiced with it.
        and not (sums.invoiced_qty = 0 and (order_lines.order_type in ('SAMPLE', 'FREE') or order_lines.is_component))
        -- Invoiced now, shipped when the customer calls for it.
        and not (order_lines.is_bill_and_hold and sums.invoiced_qty > sums.shipped_qty)

)

select * from final
