{{ stage_feed('tms', 'carrier') }}
