{{ stage_feed('erp', 'site') }}
