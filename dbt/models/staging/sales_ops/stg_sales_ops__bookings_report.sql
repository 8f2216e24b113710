{{ stage_feed('sales_ops', 'bookings_report') }}
