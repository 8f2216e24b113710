{{ config(materialized=large_table(), unique_key=['snapshot_date', 'site_id', 'product_id', 'stock_status', 'lot'], feed=['wms', 'inventory_snapshot']) }}

{{ stage_feed('wms', 'inventory_snapshot') }}
