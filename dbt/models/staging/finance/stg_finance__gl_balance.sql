{{ stage_feed('finance', 'gl_balance') }}
