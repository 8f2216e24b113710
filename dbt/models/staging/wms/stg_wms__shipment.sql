{{ config(materialized=large_table(), unique_key=['shipment_id'], feed=['wms', 'shipment']) }}

{{ stage_feed('wms', 'shipment') }}
