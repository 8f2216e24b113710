{{ config(materialized='view') }}

{{ stage_feed('erp', 'receipt') }}
