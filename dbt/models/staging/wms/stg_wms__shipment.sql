{{ config(materialized=large_table(), incremental_strategy='touched', unique_key=['shipment_id'], feed=['wms', 'shipment']) }}

{{ stage_feed('wms', 'shipment') }}
