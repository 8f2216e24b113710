{{ config(materialized=large_table(), unique_key=['freight_invoice_id'], touched='int_touched__freight_invoice') }}

with

charges as (

    select * from {{ ref('stg_tms__freight_invoice') }}
    {{ only_touched('freight_invoice_id', 'int_touched__freight_invoice', 'freight_invoice_id') }}

),

billed_loads as (

    select distinct load_id from charges where shipment_id is null and load_id is not null

),

load_stops as (

    select load_id, shipment_id from {{ ref('stg_tms__load_shipment') }}
    where load_id in (select billed_loads.load_id from billed_loads)
    union
    select load_id, shipment_id from {{ ref('stg_wms__shipment') }}
    where load_id in (select billed_loads.load_id from billed_loads)

),

shipment_lines as (

    select shipment_id, order_id from {{ ref('int_shipment__line') }}

),

rates as (

    select from_currency, rate_date, rate
    from {{ ref('int_currency__rate') }}
    where to_currency = '{{ var("group_currency") }}'

),

charged_shipments as (

    select distinct shipment_id, cast(null as {{ dbt.type_string() }}) as load_id from charges where shipment_id is not null

    union all

    select shipment_id, load_id from load_stops

),

charged_orders as (

    select
        case when charged_shipments.load_id is null then charged_shipments.shipment_id end as shipment_id,
        charged_shipments.load_id,
        min(shipment_lines.order_id) as first_order_id,
        max(shipment_lines.order_id) as last_order_id,
        cast(count(distinct shipment_lines.order_id) as bigint) as order_count
    from charged_shipments
    inner join shipment_lines on charged_shipments.shipment_id = shipment_lines.shipment_id
    where shipment_lines.order_id <> '-2'
    group by 1, 2

),

final as (

    select
        charges.freight_invoice_id,
        charges.charge_type,
        charges.carrier_id,
        charges.load_id,
        charges.shipment_id,
        case
            when by_shipment.order_count = 1 then by_shipment.first_order_id
            when by_load.order_count = 1 then by_load.first_order_id
        end as order_id,
        coalesce(by_shipment.order_count, by_load.order_count, 0) as order_count,
        charges.amount,
        charges.currency,
        {{ money(in_group_currency('charges.amount', 'charges.currency')) }} as amount_group,
        charges.billed_weight_kg,
        charges.invoice_date,
        charges._known_at as known_at
    from charges
    left join charged_orders as by_shipment
        on charges.shipment_id = by_shipment.shipment_id
        and by_shipment.load_id is null
    left join charged_orders as by_load
        on charges.load_id = by_load.load_id
        and charges.shipment_id is null
    left join rates
        on charges.currency = rates.from_currency
        and charges.invoice_date = rates.rate_date

)

select * from final
