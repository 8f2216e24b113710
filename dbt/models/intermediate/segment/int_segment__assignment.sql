with

assignments as (

    select * from {{ source('analytics', 'segment_assignment') }}

),

keyed as (

    select
        scheme_id,
        entity_id,
        segment_code,
        concat(scheme_id, ':', segment_code) as segment_key,
        valid_from,
        valid_to,
        recorded_from,
        recorded_to,
        event_id,
        event_seq,
        rule_id,
        reason,
        recorded_to = cast('9999-12-31 00:00:00' as timestamp) as is_latest_belief
    from assignments

),

final as (

    select
        keyed.*,
        is_latest_belief and valid_from <= {{ as_of() }} and valid_to > {{ as_of() }} as is_current
    from keyed

)

select * from final
