{{ config(materialized=large_table(), unique_key=['invoice_id'], feed=['erp', 'invoice']) }}

{{ stage_feed('erp', 'invoice') }}
