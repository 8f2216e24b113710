{#- depends_on: keeps the edges that only an update uses -#}
{%- set staged_lines = ref('stg_erp__purchase_order_line') -%}
{%- set staged_orders = ref('stg_erp__purchase_order') -%}
{%- set staged_receipts = ref('stg_erp__receipt') -%}
{%- set rate_days = ref('int_touched__rate_day') -%}
{%- set order_feeds = [
    source('erp', 'purchase_order'), source('erp', 'purchase_order_line'), source('erp', 'receipt')
] -%}
{%- set master_feeds = [
    ref('stg_erp__product'), ref('stg_erp__uom_conversion'), ref('stg_erp__item_cost'), ref('stg_erp__supplier')
] -%}
{%- if is_update() -%}
{#- `int_profit__landed_cost` waits for this model, which reads it as the last build left it. -#}
{%- set built = as_built('int_profit__landed_cost') -%}
with

changed_products as (

    {{ changed_keys('erp', 'product', 'product_id') }}

    union

    {{ changed_keys('erp', 'uom_conversion', 'product_id') }}

    union

    {{ changed_keys('erp', 'item_cost', 'product_id') }}

),

changed_suppliers as (

    {{ changed_keys('erp', 'supplier', 'supplier_id') }}

),

touched_orders as (

    {{ delta_values('erp', 'purchase_order', 'po_id') }}

    union

    {{ delta_values('erp', 'purchase_order_line', 'po_id') }}

    union

    {{ delta_values('erp', 'receipt', 'po_id') }}

    union

    -- Purchase orders that a receipt was for until now.
    select built.po_id
    from {{ built }} as built
    where built.receipt_id in ({{ delta_values('erp', 'receipt', 'receipt_id') }})

    union

    -- A conversion without a product is one for all of them.
    select line.po_id
    from {{ staged_lines }} as line
    where line.product_id in (select changed.product_id from changed_products as changed)
        or exists (select 1 from changed_products as changed where changed.product_id is null)

    union

    select orders.po_id
    from {{ staged_orders }} as orders
    where orders.supplier_id in (select changed.supplier_id from changed_suppliers as changed)

    union

    select receipt.po_id
    from {{ staged_receipts }} as receipt
    where cast(receipt.received_at as date) in (select rate_day.rate_date from {{ rate_days }} as rate_day)

)

select po_id from touched_orders where po_id is not null
{%- else -%}
select po_id from {{ staged_orders }} where 1 = 0
{%- endif %}
