{{ config(materialized='view') }}

{{ stage_feed('sales_ops', 'sales_target') }}
