{{ config(materialized='view') }}

{{ stage_feed('crm', 'opportunity') }}
