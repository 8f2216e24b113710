{#- A view: what is large in it is kept up to date in a table of its own. -#}
{{ config(materialized='view') }}

with

snapshots as (

    select
        stock.site_id,
        stock.product_id,
        stock.snapshot_date,
        {{ base_quantity('stock.on_hand_qty', 'unit.factor') }} as on_hand_base_qty
    from {{ ref('stg_wms__inventory_snapshot') }} as stock
    inner join {{ ref('int_product__unit_factor') }} as unit
        on stock.product_id = unit.product_id
        and stock.uom = unit.uom
    where stock.stock_status = 'AVAILABLE'

),

first_days as (

    select site_id, min(snapshot_date) as snapshot_date from snapshots group by site_id

),

final as (

    select
        event_kind,
        event_id,
        product_id,
        site_id,
        from_date,
        to_date,
        base_qty
    from {{ ref('int_service__purchase_event') }}

    union all

    -- A count that finds less than the books said explains the week before it.
    select
        'SHRINKAGE',
        movement_id,
        product_id,
        site_id,
        {{ add_days('cast(moved_at as date)', -7) }},
        {{ add_days('cast(moved_at as date)', 1) }},
        cast(-moved_base_qty as decimal(18, 6))
    from {{ ref('stg_wms__inventory_movement') }}
    where movement_type = 'ADJUST'
        and moved_base_qty < 0

    union all

    -- The first count of a site: what its stock began with.
    select
        'OPENING',
        min(snapshots.site_id) || '/' || min(snapshots.product_id),
        snapshots.product_id,
        snapshots.site_id,
        first_days.snapshot_date,
        first_days.snapshot_date,
        cast(sum(snapshots.on_hand_base_qty) as decimal(18, 6))
    from snapshots
    inner join first_days
        on snapshots.site_id = first_days.site_id
        and snapshots.snapshot_date = first_days.snapshot_date
    group by snapshots.product_id, snapshots.site_id, first_days.snapshot_date

)

select * from final
where from_date is not null
