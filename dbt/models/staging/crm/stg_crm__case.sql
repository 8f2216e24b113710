{{ stage_feed('crm', 'case') }}
