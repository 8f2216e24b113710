select
    as_of_month,
    scheme_id,
    item_id,
    segment_code,
    need_class,
    entities_count,
    mean_expectation,
    kruskal_h,
    kruskal_p,
    epsilon_squared,
    weighted_kappa,
    over_served_share,
    under_served_share,
    over_served_revenue_share,
    under_served_revenue_share
from {{ source('analytics', 'expectation_validity') }}
