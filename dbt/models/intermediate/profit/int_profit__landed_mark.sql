with

receipts as (

    select product_id, site_id, received_date, accepted_base_qty, landed_unit_cost_group
    from {{ ref('int_profit__landed_cost') }}
    where product_id is not null and accepted_base_qty > 0

),

-- What leaves after the last receipt moves no average before the next one.
last_receipts as (

    select product_id, site_id, max(received_date) as last_received_date
    from receipts
    where landed_unit_cost_group is not null
    group by product_id, site_id

),

shipped as (

    select
        coalesce(substituted_product_id, product_id) as product_id,
        from_site_id as site_id,
        departed_date,
        shipped_base_qty
    from {{ ref('int_shipment__line') }}

),

moves as (

    select
        product_id,
        {{ row_mark(['site_id', 'received_date', 'accepted_base_qty', 'landed_unit_cost_group']) }} as mark
    from receipts

    union all

    select
        shipped.product_id,
        {{ row_mark(['shipped.site_id', 'shipped.departed_date', 'shipped.shipped_base_qty']) }}
    from shipped
    inner join last_receipts
        on shipped.product_id = last_receipts.product_id
        and shipped.site_id = last_receipts.site_id
        and shipped.departed_date < last_receipts.last_received_date

)

select
    product_id,
    cast(count(*) as bigint) as moves_count,
    sum(cast(mark as decimal(38, 0))) as input_mark
from moves
group by product_id
