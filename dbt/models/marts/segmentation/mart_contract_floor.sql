select
    entity_id,
    contract_id,
    tier_floor as segment_code,
    start_date,
    end_date,
    known_date
from {{ ref('int_segment__contract') }}
where tier_floor is not null
    and known_until_date is null
