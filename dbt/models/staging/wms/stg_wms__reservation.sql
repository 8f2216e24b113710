{{ config(materialized='view') }}

{{ stage_feed('wms', 'reservation') }}
