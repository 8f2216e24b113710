{{ stage_feed('finance', 'gl_account_map') }}
