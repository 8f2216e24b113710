{{ config(materialized=large_table(), unique_key=['movement_id'], feed=['wms', 'inventory_movement']) }}

{{ stage_feed('wms', 'inventory_movement') }}
