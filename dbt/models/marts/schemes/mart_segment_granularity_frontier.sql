select
    as_of_month,
    scheme_id,
    method,
    segments_count,
    entities_count,
    explained,
    service_need_explained,
    silhouette,
    bayesian_criterion,
    smallest_jaccard,
    is_stable,
    smallest_share,
    is_large_enough,
    policy_cells_count,
    cast(complexity_cost_group as decimal(18, 4)) as complexity_cost_group,
    is_knee,
    is_within_guard_rails
from {{ source('analytics', 'granularity_frontier') }}
