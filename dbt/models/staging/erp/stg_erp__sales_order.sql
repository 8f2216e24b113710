{{ config(materialized=large_table(), unique_key=['order_id', 'revision'], feed=['erp', 'sales_order']) }}

{{ stage_feed('erp', 'sales_order') }}
