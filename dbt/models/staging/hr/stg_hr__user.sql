{{ config(materialized='view') }}

{{ stage_feed('hr', 'user') }}
