with

segments as (

    select
        concat(scheme_id, ':', segment_code) as segment_key,
        scheme_id,
        segment_code,
        kind,
        tier_rank,
        label,
        external_label,
        description
    from {{ ref('segment') }}

),

thresholds as (

    select
        concat(scheme_id, ':', segment_code) as segment_key,
        threshold_up,
        threshold_down
    from {{ ref('segment_threshold') }}

),

described as (

    select
        segments.segment_key,
        segments.scheme_id,
        segments.segment_code,
        segments.kind,
        segments.tier_rank,
        segments.label,
        segments.external_label,
        segments.description,
        thresholds.threshold_up,
        thresholds.threshold_down
    from segments
    left join thresholds on segments.segment_key = thresholds.segment_key

),

unknown as (

    select
        '-1' as segment_key,
        cast(null as string) as scheme_id,
        '-1' as segment_code,
        'UNKNOWN' as kind,
        'Unknown' as label,
        'The entity has no segment at that date' as description

    union all

    select '-2', cast(null as string), '-2', 'NOT_APPLICABLE', 'Not applicable', 'The row has no entity or no date'

),

final as (

    select
        segment_key, scheme_id, segment_code, kind, tier_rank, label, external_label, description,
        threshold_up, threshold_down
    from described

    union all

    select
        segment_key, scheme_id, segment_code, kind, cast(null as bigint), label, cast(null as string), description,
        cast(null as decimal(9, 4)), cast(null as decimal(9, 4))
    from unknown

)

select
    segment_key,
    scheme_id,
    segment_code,
    kind,
    tier_rank,
    label,
    external_label,
    description,
    threshold_up,
    threshold_down
from final
