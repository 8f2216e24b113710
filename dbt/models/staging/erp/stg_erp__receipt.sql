{{ config(materialized=large_table(), unique_key=['receipt_id'], feed=['erp', 'receipt']) }}

{{ stage_feed('erp', 'receipt') }}
