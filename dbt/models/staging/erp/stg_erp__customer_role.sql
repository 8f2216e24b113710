{{ stage_feed('erp', 'customer_role') }}
