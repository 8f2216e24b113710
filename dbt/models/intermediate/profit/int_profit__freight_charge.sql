{{ config(materialized=large_table(), unique_key=['freight_invoice_id'], touched='int_touched__freight_invoice') }}

with

charges as (

    select * from {{ ref('int_shipment__freight_charge') }}
    {{ only_touched('freight_invoice_id', 'int_touched__freight_invoice', 'freight_invoice_id') }}

),

load_stops as (

    select load_id, shipment_id from {{ ref('stg_tms__load_shipment') }}

    union all

    select load_id, shipment_id from {{ ref('stg_wms__shipment') }} where load_id is not null

),

products as (

    select product_id, product_family from {{ ref('int_product__article') }}

),

billed_shipments as (

    select distinct cast(null as {{ dbt.type_string() }}) as load_id, shipment_id
    from charges
    where shipment_id is not null

    union all

    select distinct load_stops.load_id, load_stops.shipment_id
    from load_stops
    inner join (
        select distinct load_id from charges where shipment_id is null and load_id is not null
    ) as billed on load_stops.load_id = billed.load_id

),

billed_lines as (

    select
        case when billed_shipments.load_id is null then billed_shipments.shipment_id end as shipment_id,
        billed_shipments.load_id,
        coalesce(line.entity_id, '-1') as entity_id,
        coalesce(product.product_family, '-1') as product_family
    from billed_shipments
    inner join {{ ref('int_shipment__line') }} as line on billed_shipments.shipment_id = line.shipment_id
    left join products as product on line.product_id = product.product_id

),

-- A charge is for one entity, or nobody can say for whom without sharing it out.
billed as (

    select
        shipment_id,
        load_id,
        case when min(entity_id) = max(entity_id) then min(entity_id) else '-1' end as entity_id,
        case when min(product_family) = max(product_family) then min(product_family) else '-2' end as product_family
    from billed_lines
    group by shipment_id, load_id

),

final as (

    select
        charges.freight_invoice_id,
        charges.charge_type,
        coalesce(by_shipment.entity_id, by_load.entity_id, '-1') as entity_id,
        coalesce(by_shipment.product_family, by_load.product_family, '-2') as product_family,
        charges.amount_group,
        charges.invoice_date
    from charges
    left join billed as by_shipment
        on charges.shipment_id = by_shipment.shipment_id
        and by_shipment.load_id is null
    left join billed as by_load
        on charges.load_id = by_load.load_id
        and charges.shipment_id is null

)

select * from final
