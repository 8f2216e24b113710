{{ config(materialized='view') }}

{{ stage_feed('sales_ops', 'commission') }}
