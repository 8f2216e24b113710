{{ config(materialized=large_table(), incremental_strategy='touched', unique_key=['invoice_id'], feed=['erp', 'invoice']) }}

{{ stage_feed('erp', 'invoice') }}
