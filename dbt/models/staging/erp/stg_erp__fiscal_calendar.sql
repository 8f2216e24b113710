{{ stage_feed('erp', 'fiscal_calendar') }}
