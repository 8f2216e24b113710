{{ config(materialized='view') }}

select
    as_of_month,
    scheme_a,
    segment_a,
    scheme_b,
    segment_b,
    entities_count,
    net_revenue_group,
    cramers_v,
    adjusted_rand
from {{ ref('stg_analytics__scheme_crosswalk') }}
