{{ config(materialized='view') }}

{{ stage_feed('finance', 'activity') }}
