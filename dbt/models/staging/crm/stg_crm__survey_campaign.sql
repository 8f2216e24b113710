{{ config(materialized='view') }}

{{ stage_feed('crm', 'survey_campaign') }}
