{{ stage_feed('erp', 'working_calendar') }}
