{{ config(materialized='view') }}

{{ stage_feed('crm', 'interview_note') }}
