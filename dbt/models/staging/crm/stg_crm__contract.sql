{{ stage_feed('crm', 'contract') }}
