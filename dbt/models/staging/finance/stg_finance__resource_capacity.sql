{{ config(materialized='view') }}

{{ stage_feed('finance', 'resource_capacity') }}
