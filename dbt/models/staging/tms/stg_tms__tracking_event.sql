{{ config(materialized=large_table(), unique_key=['event_id'], feed=['tms', 'tracking_event']) }}

{{ stage_feed('tms', 'tracking_event') }}
