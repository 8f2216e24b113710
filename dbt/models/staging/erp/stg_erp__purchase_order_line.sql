{{ config(materialized='view') }}

{{ stage_feed('erp', 'purchase_order_line') }}
