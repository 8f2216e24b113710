{{ config(materialized=large_table(), unique_key=['commission_id'], feed=['sales_ops', 'commission']) }}

{{ stage_feed('sales_ops', 'commission') }}
