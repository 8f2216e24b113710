{{ stage_feed('crm', 'account') }}
