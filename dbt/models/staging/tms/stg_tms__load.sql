{{ config(materialized=large_table(), unique_key=['load_id'], feed=['tms', 'load']) }}

{{ stage_feed('tms', 'load') }}
