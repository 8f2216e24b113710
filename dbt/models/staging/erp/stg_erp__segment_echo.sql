{{ stage_feed('erp', 'segment_echo') }}
