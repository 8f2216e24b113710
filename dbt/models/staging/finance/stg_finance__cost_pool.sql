{{ stage_feed('finance', 'cost_pool') }}
