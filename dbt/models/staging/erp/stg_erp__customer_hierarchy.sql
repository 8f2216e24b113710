{{ stage_feed('erp', 'customer_hierarchy') }}
