{{ config(materialized='view') }}

{{ stage_feed('finance', 'activity_time_std') }}
