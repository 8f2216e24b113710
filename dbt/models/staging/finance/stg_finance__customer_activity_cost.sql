{{ config(
    materialized=large_table(),
    unique_key=['company_code', 'customer_id', 'fiscal_period_id', 'activity_code', 'product_family'],
    feed=['finance', 'customer_activity_cost']
) }}

{{ stage_feed('finance', 'customer_activity_cost') }}
