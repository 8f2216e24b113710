{{ stage_feed('erp', 'customer') }}
