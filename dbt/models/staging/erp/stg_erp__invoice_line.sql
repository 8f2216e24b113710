{{ config(materialized=large_table(), incremental_strategy='touched', unique_key=['invoice_id', 'line_no'], feed=['erp', 'invoice_line']) }}

{{ stage_feed('erp', 'invoice_line') }}
