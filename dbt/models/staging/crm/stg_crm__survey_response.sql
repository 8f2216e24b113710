{{ config(materialized=large_table(), unique_key=['response_id', 'item_id'], feed=['crm', 'survey_response']) }}

{{ stage_feed('crm', 'survey_response') }}
