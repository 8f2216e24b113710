{{ stage_feed('erp', 'product') }}
