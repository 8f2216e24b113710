{{ config(materialized='view') }}

{{ stage_feed('crm', 'sales_visit') }}
