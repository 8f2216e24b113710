{{ stage_feed('wms', 'return_line') }}
