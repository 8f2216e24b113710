with

assignments as (

    select * from {{ ref('int_segment__assignment') }}

),

defaults as (

    select entity_id, default_segment_code, default_segment_expires_date, opportunity_id
    from {{ ref('int_demand__new_customer') }}
    where default_segment_code is not null

),

final as (

    -- The engine's own result stays; what sales expects of the customer stands beside it.
    select
        assignments.*,
        defaults.default_segment_code,
        'opportunity ' || defaults.opportunity_id as default_segment_source,
        defaults.default_segment_expires_date,
        coalesce(defaults.default_segment_code, assignments.segment_code) as service_segment_code
    from assignments
    left join defaults
        on assignments.entity_id = defaults.entity_id
        and assignments.scheme_id = '{{ fact_scheme() }}'
        and assignments.segment_code = 'N0'
        and assignments.is_current

)

select
    scheme_id,
    entity_id,
    segment_key,
    segment_code,
    valid_from,
    valid_to,
    recorded_from,
    recorded_to,
    event_id,
    event_seq,
    rule_id,
    reason,
    is_latest_belief,
    is_current,
    default_segment_code,
    default_segment_source,
    default_segment_expires_date,
    service_segment_code
from final
