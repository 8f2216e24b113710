with

quarters as (

    select calendar_date as start_date, {{ add_months('calendar_date', 3) }} as end_date
    from {{ ref('int_calendar__date') }}
    where calendar_date = month_start_date
        and month_no in (1, 4, 7, 10)
        and {{ add_months('calendar_date', 3) }} <= {{ add_days(as_of(), 1) }}

),

beliefs as (

    select scheme_id, entity_id, segment_key, valid_from, valid_to
    from {{ ref('int_segment__assignment') }}
    where is_latest_belief

),

at_start as (

    select quarters.start_date, beliefs.scheme_id, beliefs.entity_id, beliefs.segment_key
    from quarters
    inner join beliefs on quarters.start_date >= beliefs.valid_from and quarters.start_date < beliefs.valid_to

),

at_end as (

    select quarters.start_date, beliefs.scheme_id, beliefs.entity_id, beliefs.segment_key
    from quarters
    inner join beliefs on quarters.end_date >= beliefs.valid_from and quarters.end_date < beliefs.valid_to

),

rebased as (

    select distinct quarters.start_date, record.scheme_id, record.entity_id
    from {{ ref('audit_segment_assignment') }} as record
    inner join quarters on record.valid_from > quarters.start_date and record.valid_from <= quarters.end_date
    where record.is_rebase

),

moves as (

    -- Who was not there at the start comes from nowhere; nobody ever leaves, they fall asleep.
    select
        at_end.scheme_id,
        at_end.start_date,
        coalesce(at_start.segment_key, '-2') as from_segment_key,
        at_end.segment_key as to_segment_key,
        count(*) as entities_count,
        count(rebased.entity_id) as rebased_entities_count
    from at_end
    left join at_start
        on at_end.scheme_id = at_start.scheme_id
        and at_end.start_date = at_start.start_date
        and at_end.entity_id = at_start.entity_id
    left join rebased
        on at_end.scheme_id = rebased.scheme_id
        and at_end.start_date = rebased.start_date
        and at_end.entity_id = rebased.entity_id
    group by at_end.scheme_id, at_end.start_date, coalesce(at_start.segment_key, '-2'), at_end.segment_key

),

sizes as (

    select scheme_id, start_date, from_segment_key as segment_key, entities_count as before_count, 0 as after_count
    from moves
    where from_segment_key <> '-2'
    union all
    select scheme_id, start_date, to_segment_key, 0, entities_count from moves

),

bins as (

    select scheme_id, start_date, segment_key, sum(before_count) as before_count, sum(after_count) as after_count
    from sizes
    group by scheme_id, start_date, segment_key

),

-- An empty segment has no logarithm; half a customer says "fewer than one seen".
filled as (

    select
        *,
        before_count + case when before_count = 0 or after_count = 0 then 0.5 else 0 end as before_filled,
        after_count + case when before_count = 0 or after_count = 0 then 0.5 else 0 end as after_filled
    from bins

),

shares as (

    select
        *,
        cast(before_filled as double) / sum(cast(before_filled as double)) over (partition by scheme_id, start_date) as before_share,
        cast(after_filled as double) / sum(cast(after_filled as double)) over (partition by scheme_id, start_date) as after_share
    from filled

),

drift as (

    select
        scheme_id,
        start_date,
        cast(count(*) as bigint) as segments_count,
        cast(sum(before_count) as bigint) as start_entities_count,
        cast(sum(after_count) as bigint) as end_entities_count,
        -- Exact terms: the sum of doubles would depend on the order of the rows.
        cast(sum(cast((after_share - before_share) * ln(after_share / before_share) as decimal(28, 12))) as double) as psi
    from shares
    group by scheme_id, start_date

),

tested as (

    select
        *,
        case
            when start_entities_count > 0 and segments_count > 1
                then ({{ chi_square_95('(segments_count - 1)') }})
                    * (1 / cast(start_entities_count as double) + 1 / cast(end_entities_count as double))
        end as psi_critical_value
    from drift

),

steps as (

    select
        scheme_id,
        entity_id,
        segment_key,
        valid_from,
        lag(valid_from) over (partition by scheme_id, entity_id order by valid_from) as left_date,
        lag(segment_key, 2) over (partition by scheme_id, entity_id order by valid_from) as earlier_segment_key
    from beliefs

),

returns as (

    -- From A to B and back to A within six months.
    select steps.scheme_id, quarters.start_date, count(*) as flip_flops_count
    from steps
    inner join quarters on steps.valid_from > quarters.start_date and steps.valid_from <= quarters.end_date
    where steps.segment_key = steps.earlier_segment_key
        and steps.valid_from <= {{ add_months('steps.left_date', 6) }}
    group by steps.scheme_id, quarters.start_date

),

final as (

    select
        moves.scheme_id,
        moves.start_date as quarter_start_date,
        moves.from_segment_key,
        moves.to_segment_key,
        moves.from_segment_key <> moves.to_segment_key and moves.from_segment_key <> '-2' as is_move,
        cast(moves.entities_count as bigint) as entities_count,
        cast(moves.rebased_entities_count as bigint) as rebased_entities_count,
        {{ safe_divide('moves.entities_count', 'sum(moves.entities_count) over (partition by moves.scheme_id, moves.start_date, moves.from_segment_key)') }}
            as probability,
        tested.segments_count,
        tested.start_entities_count,
        tested.end_entities_count,
        case when tested.start_entities_count > 0 then tested.psi end as psi,
        tested.psi_critical_value,
        coalesce(tested.psi > tested.psi_critical_value, false) as is_drifted,
        cast(coalesce(returns.flip_flops_count, 0) as bigint) as flip_flops_count
    from moves
    inner join tested on moves.scheme_id = tested.scheme_id and moves.start_date = tested.start_date
    left join returns on moves.scheme_id = returns.scheme_id and moves.start_date = returns.start_date

)

select
    scheme_id,
    quarter_start_date,
    from_segment_key,
    to_segment_key,
    is_move,
    entities_count,
    rebased_entities_count,
    probability,
    segments_count,
    start_entities_count,
    end_entities_count,
    psi,
    psi_critical_value,
    is_drifted,
    flip_flops_count
from final
