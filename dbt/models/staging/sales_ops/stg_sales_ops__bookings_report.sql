{{ config(materialized=large_table(), unique_key=['report_id', 'report_date', 'customer_id', 'product_family', 'fiscal_period_id'], feed=['sales_ops', 'bookings_report']) }}

{{ stage_feed('sales_ops', 'bookings_report') }}
