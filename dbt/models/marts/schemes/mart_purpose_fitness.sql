select
    as_of_month,
    purpose,
    outcome,
    scheme_id,
    is_made_for_it,
    owner,
    consumer,
    finding,
    signoff,
    eta_squared,
    eta_squared_adjusted,
    entities_count,
    segments_count,
    is_fittest,
    null_reason
from {{ source('analytics', 'purpose_fitness') }}
