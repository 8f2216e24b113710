{{ stage_feed('erp', 'uom_conversion') }}
