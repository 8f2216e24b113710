{#- depends_on: keeps the edges that only an update uses -#}
{%- set staged_events = ref('stg_tms__tracking_event') -%}
{%- set staged_loads = ref('stg_tms__load_shipment') -%}
{%- set staged_shipments = ref('stg_wms__shipment') -%}
{%- set raw_events = source('tms', 'tracking_event') -%}
{%- set raw_feeds = [source('wms', 'shipment'), source('wms', 'shipment_line'), source('tms', 'load_shipment')] -%}
{%- if is_update() -%}
with

changed_events as (

    -- An event that was corrected or withdrawn may have been about another shipment before.
    select delta_event.event_id
    from ({{ delta_values('tms', 'tracking_event', 'event_id') }}) as delta_event
    left join {{ staged_events }} as staged on delta_event.event_id = staged.event_id
    where staged.event_id is null or staged._revision_count > 1

),

events as (

    select
        {{ typed_column('delta.shipment_id', 'varchar') }} as shipment_id,
        {{ typed_column('delta.load_id', 'varchar') }} as load_id
    from {{ delta_of(raw_events) }} as delta

    union all

    select
        {{ typed_column('landed.shipment_id', 'varchar') }} as shipment_id,
        {{ typed_column('landed.load_id', 'varchar') }} as load_id
    from {{ raw_events }} as landed
    inner join changed_events on {{ typed_column('landed.event_id', 'varchar') }} = changed_events.event_id

),

touched_loads as (

    select distinct load_id from events where shipment_id is null and load_id is not null

),

touched_shipments as (

    {{ delta_values('wms', 'shipment', 'shipment_id') }}

    union

    {{ delta_values('wms', 'shipment_line', 'shipment_id') }}

    union

    {{ delta_values('tms', 'load_shipment', 'shipment_id') }}

    union

    select shipment_id from events where shipment_id is not null

    union

    select shipment_id from {{ staged_loads }} where load_id in (select touched_loads.load_id from touched_loads)

    union

    select shipment_id from {{ staged_shipments }} where load_id in (select touched_loads.load_id from touched_loads)

)

-- The load as of the last build: its charges were for this shipment too.
select touched_shipments.shipment_id, built.load_id as built_load_id
from touched_shipments
left join {{ as_built('int_delivery__event') }} as built on touched_shipments.shipment_id = built.shipment_id
where touched_shipments.shipment_id is not null
{%- else -%}
select shipment_id, load_id as built_load_id from {{ staged_shipments }} where 1 = 0
{%- endif %}
