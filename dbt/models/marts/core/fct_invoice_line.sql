{{ config(materialized=large_table(), unique_key=['invoice_id', 'line_no'], touched='int_touched__invoice_segment') }}

with

lines as (

    select * from {{ ref('int_invoice__line_checked') }} as line
    where line.reject_reason is null
        {{ only_touched('line.invoice_id', 'int_touched__invoice_segment', 'invoice_id', 'and', ref('int_invoice__line_checked')) }}

),

orders as (

    select order_id, ordered_date from {{ ref('int_order__header') }}

),

final as (

    select
        line.invoice_id,
        line.line_no,
        line.invoice_type,
        line.ref_invoice_id,
        line.company_code,
        line.posting_date,
        line.fiscal_period_id,
        line.is_late_for_closed_period,
        line.is_intercompany,
        line.customer_id,
        line.bill_to_customer_id,
        line.entity_id,
        line.order_id,
        line.order_line_no,
        line.shipment_id,
        line.shipment_line_no,
        line.product_id,
        line.uom,
        line.invoiced_qty,
        line.invoiced_base_qty,
        line.currency,
        line.local_currency,
        line.fx_rate_to_local,
        line.fx_rate_to_group,
        line.gross_amount,
        line.discount_amount,
        line.rebate_amount,
        line.net_amount,
        line.tax_amount,
        line.gross_amount_local,
        line.discount_amount_local,
        line.rebate_amount_local,
        line.net_amount_local,
        line.cogs_amount_local,
        line.gross_amount_group,
        line.discount_amount_group,
        line.rebate_amount_group,
        line.net_amount_group,
        line.cogs_amount_group,
        cast(
            line.net_amount_group - line.rebate_amount_group - line.cogs_amount_group as decimal(18, 4)
        ) as margin_amount_group,
        line.gl_account,
        line.reason_code,
        line.known_at,
        line.revised_at,
        {{ segment_key_or_unknown('at_order', 'line.entity_id', 'placed.ordered_date') }} as segment_at_order_key,
        {{ segment_key_or_unknown('at_event', 'line.entity_id') }} as segment_at_event_key,
        {{ segment_key_or_unknown('at_present', 'line.entity_id') }} as segment_current_key
    from lines as line
    left join orders as placed on line.order_id = placed.order_id
    {{ segment_asof('line.entity_id', 'placed.ordered_date', 'at_order') }}
    {{ segment_asof('line.entity_id', 'line.posting_date', 'at_event') }}
    {{ segment_asof('line.entity_id', as_of(), 'at_present') }}

)

select
    invoice_id,
    line_no,
    invoice_type,
    ref_invoice_id,
    company_code,
    posting_date,
    fiscal_period_id,
    is_late_for_closed_period,
    is_intercompany,
    customer_id,
    bill_to_customer_id,
    entity_id,
    order_id,
    order_line_no,
    shipment_id,
    shipment_line_no,
    product_id,
    uom,
    invoiced_qty,
    invoiced_base_qty,
    currency,
    local_currency,
    fx_rate_to_local,
    fx_rate_to_group,
    gross_amount,
    discount_amount,
    rebate_amount,
    net_amount,
    tax_amount,
    gross_amount_local,
    discount_amount_local,
    rebate_amount_local,
    net_amount_local,
    cogs_amount_local,
    gross_amount_group,
    discount_amount_group,
    rebate_amount_group,
    net_amount_group,
    cogs_amount_group,
    margin_amount_group,
    gl_account,
    reason_code,
    known_at,
    revised_at,
    segment_at_order_key,
    segment_at_event_key,
    segment_current_key
from final
