{{ stage_feed('erp', 'item_cost') }}
