{{ stage_feed('wms', 'return') }}
