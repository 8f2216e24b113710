{#- One row per rejected or dangling row of the documents; both controls on keys and units read it. -#}
select 'erp.sales_order_line' as feed_name, reason, detail
from {{ ref('int_order__line_rejected') }}

union all

select 'wms.shipment_line', reason, detail
from {{ ref('int_shipment__line_rejected') }}

union all

select 'erp.invoice_line', reason, detail
from {{ ref('int_invoice__line_rejected') }}

union all

-- The line is complete without its order, but nobody can follow it back.
select 'erp.invoice_line', 'unknown_order', 'document ' || line.invoice_id || ' names order ' || line.order_id
from {{ ref('int_invoice__line') }} as line
left join {{ ref('int_order__header') }} as header on line.order_id = header.order_id
where line.order_id is not null
    and header.order_id is null

union all

select 'wms.return_line', 'unknown_order', 'return ' || return_id || ' names order ' || order_id
from {{ ref('int_return__line') }}
where is_order_unknown

union all

select 'wms.return_line', 'unit_without_conversion', 'return ' || return_id || ' of product '
    || product_id || ' in ' || uom
from {{ ref('int_return__line') }}
where returned_qty is not null
    and returned_base_qty is null
