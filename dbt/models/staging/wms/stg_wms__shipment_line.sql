{{ config(materialized=large_table(), unique_key=['shipment_id', 'line_no'], feed=['wms', 'shipment_line']) }}

{{ stage_feed('wms', 'shipment_line') }}
