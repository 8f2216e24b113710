with

judged as (

    select
        request.*,
        cast(purpose.version as {{ dbt.type_string() }}) <> request.from_version as has_newer_version
    from {{ ref('int_improvement__definition_request') }} as request
    left join {{ ref('scheme_purpose') }} as purpose on request.scheme_id = purpose.scheme_id

)

select
    request_id,
    proposal_id,
    proposal_type,
    scheme_id,
    from_version,
    to_version,
    segment_key,
    element,
    direction,
    target,
    new_target,
    entities_moved as entities_moved_count,
    saving_group as saving_per_quarter_group,
    roles_needed,
    roles_approved_count,
    opened_at,
    case when is_approved and not is_rejected then last_approved_at end as approved_at,
    case
        when is_rejected then 'REJECTED'
        when is_approved and has_newer_version then 'IN_FORCE'
        when is_approved then 'APPROVED'
        when has_newer_version then 'LAPSED'
        else 'OPEN'
    end as state
from judged
