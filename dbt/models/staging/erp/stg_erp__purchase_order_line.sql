{{ config(materialized=large_table(), unique_key=['po_id', 'line_no'], feed=['erp', 'purchase_order_line']) }}

{{ stage_feed('erp', 'purchase_order_line') }}
