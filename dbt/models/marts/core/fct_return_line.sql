with

return_lines as (

    select * from {{ ref('int_return__line') }}

),

final as (

    select
        line.return_id,
        line.line_no,
        line.order_id,
        line.order_line_no,
        line.invoice_id,
        line.customer_id,
        line.entity_id,
        line.product_id,
        line.received_at,
        line.received_date,
        line.reason,
        line.disposition,
        line.uom,
        line.returned_qty,
        line.returned_base_qty,
        line.currency,
        line.credit_amount,
        line.credit_amount_group,
        line.is_order_unknown,
        line.known_at,
        {{ segment_key_or_unknown('at_event', 'line.entity_id') }} as segment_at_event_key,
        {{ segment_key_or_unknown('at_present', 'line.entity_id') }} as segment_current_key
    from return_lines as line
    {{ segment_asof('line.entity_id', 'line.received_date', 'at_event') }}
    {{ segment_asof('line.entity_id', as_of(), 'at_present') }}

)

select * from final
