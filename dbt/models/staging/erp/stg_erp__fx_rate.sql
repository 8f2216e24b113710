{{ stage_feed('erp', 'fx_rate') }}
