{{ config(materialized=large_table(), unique_key=['order_id'], touched='int_touched__order') }}

with

lines as (

    select
        lines.*,
        -- Goods without an order carry the key for "not applicable", so that an update finds them.
        coalesce(lines.order_id, '-2') as order_key
    from {{ ref('stg_wms__shipment_line') }} as lines
    {{ only_touched("coalesce(lines.order_id, '-2')", 'int_touched__order', 'order_id') }}

),

deliveries as (

    select * from {{ ref('int_delivery__event') }}

),

orders as (

    select order_id, customer_id, entity_id, ship_to_tz_name, imputed_rules from {{ ref('int_order__header') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}

),

products as (

    select product_id from {{ ref('stg_erp__product') }}

),

unit_factors as (

    select product_id, uom, factor from {{ ref('int_product__unit_factor') }}

),

sites as (

    select site_id, tz_name, customer_id from {{ ref('stg_erp__site') }}

),

entities as (

    select customer_id, entity_id, former_entity_id, former_until_date
    from {{ ref('int_customer__segmentation_entity') }}

),

scheduled_lines as (

    -- Lines with more than one schedule line share what was shipped without naming one.
    select distinct order_id, line_no
    from {{ ref('stg_erp__sales_order_line') }}
    where schedule_no > 1
        {{ only_touched('order_id', 'int_touched__order', 'order_id', word='and') }}

),

final as (

    select
        lines.shipment_id,
        lines.line_no,
        lines.order_key as order_id,
        lines.order_line_no,
        case
            when lines.order_line_no is null then null
            when lines.schedule_no is not null then lines.schedule_no
            when scheduled_lines.order_id is null then 1
        end as schedule_no,
        -- Goods without an order, samples and transfers, are for whom they are sent to.
        case when lines.order_id is null then to_site.customer_id else orders.customer_id end as customer_id,
        case
            when lines.order_id is null then {{ entity_on('receivers', 'deliveries.departed_at') }}
            else orders.entity_id
        end as entity_id,
        lines.product_id,
        lines.substituted_product_id,
        lines.uom,
        unit_factors.factor as unit_factor,
        lines.shipped_qty,
        {{ base_quantity('lines.shipped_qty', 'unit_factors.factor') }} as shipped_base_qty,
        {{ base_quantity('lines.picked_qty', 'unit_factors.factor') }} as picked_base_qty,
        {{ base_quantity('lines.short_qty', 'unit_factors.factor') }} as short_base_qty,
        lines.short_reason,
        lines.lot,
        deliveries.from_site_id,
        deliveries.to_site_id,
        deliveries.carrier_id,
        deliveries.load_id,
        deliveries.departed_at,
        {{ local_day('deliveries.departed_at', "coalesce(from_site.tz_name, 'UTC')") }} as departed_date,
        deliveries.delivered_at,
        {{ local_day('deliveries.delivered_at', "coalesce(to_site.tz_name, orders.ship_to_tz_name, 'UTC')") }}
            as delivered_date,
        deliveries.delivered_by_event,
        deliveries.delivered_known_at,
        deliveries.is_clock_skewed,
        deliveries.has_duplicate_delivery,
        lines._known_at as known_at,
        case
            when deliveries.shipment_id is null then 'unknown_shipment'
            when lines.order_id is not null and orders.order_id is null then 'unknown_order'
            when products.product_id is null then 'unknown_product'
            when unit_factors.product_id is null then 'unit_without_conversion'
        end as reject_reason,
        {{ imputed_rules({
            'SHIPMENT_FROM_UTC': 'deliveries.departed_at is not null and from_site.site_id is null',
            'SHIPMENT_TO_UTC': 'deliveries.delivered_at is not null and to_site.site_id is null'
                ~ ' and (orders.order_id is null or ' ~ is_imputed_by('TZ_UTC', 'orders.imputed_rules') ~ ')'
        }) }} as imputed_rules
    from lines
    left join deliveries on lines.shipment_id = deliveries.shipment_id
    left join unit_factors
        on coalesce(lines.substituted_product_id, lines.product_id) = unit_factors.product_id
        and lines.uom = unit_factors.uom
    left join products on lines.product_id = products.product_id
    left join orders on lines.order_key = orders.order_id
    left join sites as from_site on deliveries.from_site_id = from_site.site_id
    left join sites as to_site on deliveries.to_site_id = to_site.site_id
    left join entities as receivers on to_site.customer_id = receivers.customer_id
    left join scheduled_lines
        on lines.order_id = scheduled_lines.order_id
        and lines.order_line_no = scheduled_lines.line_no

)

select * from final
