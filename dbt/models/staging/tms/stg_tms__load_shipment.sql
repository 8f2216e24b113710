{{ config(materialized=large_table(), unique_key=['load_id', 'shipment_id'], feed=['tms', 'load_shipment']) }}

{{ stage_feed('tms', 'load_shipment') }}
