{{ config(materialized=large_table(), incremental_strategy='touched', unique_key=['load_id', 'shipment_id'], feed=['tms', 'load_shipment']) }}

{{ stage_feed('tms', 'load_shipment') }}
