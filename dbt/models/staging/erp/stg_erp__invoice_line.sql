{{ config(materialized=large_table(), unique_key=['invoice_id', 'line_no'], feed=['erp', 'invoice_line']) }}

{{ stage_feed('erp', 'invoice_line') }}
