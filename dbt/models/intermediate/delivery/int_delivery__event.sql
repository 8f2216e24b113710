{{ config(materialized=large_table(), unique_key=['shipment_id'], touched='int_touched__shipment') }}

with

shipments as (

    select * from {{ ref('stg_wms__shipment') }}
    {{ only_touched('shipment_id', 'int_touched__shipment', 'shipment_id') }}

),

load_stops as (

    select load_id, shipment_id from {{ ref('stg_tms__load_shipment') }}
    {{ only_touched('shipment_id', 'int_touched__shipment', 'shipment_id') }}

),

events as (

    select shipment_id, load_id, code, event_at, received_qty, _known_at as known_at
    from {{ ref('stg_tms__tracking_event') }}
    where code in ('PICKUP', 'DEPART', 'DELIVERED', 'POD', 'REFUSED', 'DAMAGED', 'EXCEPTION')

),

shipment_loads as (

    select load_id, shipment_id from load_stops
    union
    select load_id, shipment_id from shipments where load_id is not null

),

shipment_events as (

    select shipment_id, code, event_at, received_qty, known_at
    from events
    where shipment_id is not null
        {{ only_touched('shipment_id', 'int_touched__shipment', 'shipment_id', word='and') }}

    union all

    -- What is reported for a load happened to each shipment on it.
    select shipment_loads.shipment_id, events.code, events.event_at, events.received_qty, events.known_at
    from events
    inner join shipment_loads on events.load_id = shipment_loads.load_id
    where events.shipment_id is null

),

reported as (

    -- A report that comes twice counts once: the first of its kind is the one that happened.
    select
        shipment_id,
        min(case when code = 'PICKUP' then event_at end) as picked_up_at,
        min(case when code = 'DEPART' then event_at end) as carrier_departed_at,
        min(case when code = 'DELIVERED' then event_at end) as reported_delivered_at,
        min(case when code = 'POD' then event_at end) as pod_at,
        min(case when code = 'REFUSED' then event_at end) as refused_at,
        min(case when code = 'DAMAGED' then event_at end) as damaged_at,
        min(case when code = 'EXCEPTION' then event_at end) as exception_at,
        min(case when code in ('DELIVERED', 'POD') then known_at end) as delivered_known_at,
        max(case when code in ('DELIVERED', 'POD') then received_qty end) as received_qty,
        cast(count(case when code = 'DELIVERED' then 1 end) as bigint) as delivered_event_count,
        cast(count(case when code <> 'EXCEPTION' then 1 end) as bigint) as event_count
    from shipment_events
    group by shipment_id

),

deliveries as (

    select
        shipments.shipment_id,
        shipments.from_site_id,
        shipments.to_site_id,
        shipments.carrier_id,
        shipments.load_id,
        shipments.status,
        shipments.created_at,
        shipments.released_at,
        shipments.pick_started_at,
        shipments.pick_ended_at,
        shipments.packed_at,
        shipments.staged_at,
        shipments.loaded_at,
        coalesce(shipments.departed_at, reported.carrier_departed_at, reported.picked_up_at) as departed_at,
        coalesce(reported.reported_delivered_at, reported.pod_at) as delivered_at,
        case
            when reported.reported_delivered_at is not null then 'DELIVERED'
            when reported.pod_at is not null then 'POD'
        end as delivered_by_event,
        reported.delivered_known_at,
        reported.pod_at,
        reported.refused_at,
        reported.damaged_at,
        reported.exception_at,
        reported.received_qty,
        coalesce(reported.event_count, 0) as event_count,
        coalesce(reported.delivered_event_count, 0) > 1 as has_duplicate_delivery,
        shipments._known_at as known_at
    from shipments
    left join reported on shipments.shipment_id = reported.shipment_id

),

final as (

    select
        deliveries.*,
        -- Kept for service, left out of stage times: the clocks of two systems disagree.
        coalesce(delivered_at < departed_at, false) as is_clock_skewed
    from deliveries

)

select * from final
