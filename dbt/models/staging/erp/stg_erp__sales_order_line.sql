{{ config(materialized=large_table(), unique_key=['order_id', 'line_no', 'schedule_no', 'revision'], feed=['erp', 'sales_order_line']) }}

{{ stage_feed('erp', 'sales_order_line') }}
