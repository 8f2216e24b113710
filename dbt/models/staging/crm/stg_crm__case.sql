{{ config(materialized=large_table(), unique_key=['case_id'], feed=['crm', 'case']) }}

{{ stage_feed('crm', 'case') }}
