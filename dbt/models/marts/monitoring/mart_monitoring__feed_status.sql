with

feeds as (

    select
        *,
        cast(ceil({{ minutes_between('data_through_at', 'cast(' ~ add_days(as_of(), 1) ~ ' as timestamp)') }} / 60) as bigint) as lag_hours
    from {{ ref('int_control__feed') }}

),

-- A batch that stays held although its correction came is not open any more.
problems as (

    select substring(dimension, 6) as feed_name
    from {{ ref('int_control__batch_integrity') }}
    where status = 'FAIL'

),

final as (

    select
        feeds.system,
        feeds.feed,
        feeds.owner,
        feeds.is_required,
        feeds.is_delivered,
        case
            when problems.feed_name is not null then 'HELD'
            when not feeds.is_delivered then 'NO_DATA'
            when feeds.lag_hours > feeds.freshness_hours then 'STALE'
            else 'OK'
        end as status,
        feeds.data_through_at,
        feeds.lag_hours,
        feeds.freshness_hours,
        feeds.batch_count,
        feeds.active_batch_count,
        feeds.duplicate_batch_count,
        feeds.superseded_batch_count,
        feeds.open_batch_count,
        feeds.landed_rows,
        feeds.accepted_rows,
        feeds.quarantined_rows,
        feeds.active_raw_rows as active_rows
    from feeds
    left join problems on feeds.feed_name = problems.feed_name

)

select
    system,
    feed,
    owner,
    is_required,
    is_delivered,
    status,
    data_through_at,
    lag_hours,
    freshness_hours,
    batch_count,
    active_batch_count,
    duplicate_batch_count,
    superseded_batch_count,
    open_batch_count,
    landed_rows,
    accepted_rows,
    quarantined_rows,
    active_rows
from final
