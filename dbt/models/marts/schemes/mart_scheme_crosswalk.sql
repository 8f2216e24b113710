select
    as_of_month,
    scheme_a,
    segment_a,
    scheme_b,
    segment_b,
    entities_count,
    cast(net_revenue_group as decimal(18, 4)) as net_revenue_group,
    cramers_v,
    adjusted_rand
from {{ source('analytics', 'scheme_crosswalk') }}
