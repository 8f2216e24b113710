{{ config(materialized=large_table(), incremental_strategy='touched', unique_key=['load_id'], feed=['tms', 'load']) }}

{{ stage_feed('tms', 'load') }}
