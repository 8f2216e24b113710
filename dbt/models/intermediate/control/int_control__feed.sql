with

batches as (

    select * from {{ ref('stg_landing__batch') }}

),

arrived as (

    select
        system,
        feed,
        cast(count(*) as bigint) as batch_count,
        cast(sum(case when status = 'accepted' and is_active then 1 else 0 end) as bigint) as active_batch_count,
        cast(sum(case when status = 'duplicate' then 1 else 0 end) as bigint) as duplicate_batch_count,
        cast(sum(case when inactive_reason = 'superseded' then 1 else 0 end) as bigint) as superseded_batch_count,
        cast(sum(case when status in ('held', 'waiting') then 1 else 0 end) as bigint) as open_batch_count,
        cast(coalesce(sum(case when status = 'accepted' then landed_rows end), 0) as bigint) as landed_rows,
        cast(coalesce(sum(case when status = 'accepted' then accepted_rows end), 0) as bigint) as accepted_rows,
        cast(coalesce(sum(case when status = 'accepted' then quarantined_rows end), 0) as bigint) as quarantined_rows,
        cast(coalesce(sum(case when is_active then accepted_rows end), 0) as bigint) as active_accepted_rows,
        cast(coalesce(sum(case when is_active then quarantined_rows end), 0) as bigint) as active_quarantined_rows,
        cast(coalesce(sum(case when is_active then raw_rows end), 0) as bigint) as active_raw_rows,
        max(case when is_active then coalesce(window_to, extracted_at) end) as data_through_at,
        max(case when is_active then extracted_at end) as last_extracted_at
    from batches
    group by system, feed

),

final as (

    select
        feed.system,
        feed.feed,
        feed.system || '.' || feed.feed as feed_name,
        feed.is_required,
        feed.is_large,
        feed.freshness_hours,
        feed.owner,
        coalesce(arrived.active_batch_count, 0) > 0 as is_delivered,
        {% for name in [
            'batch_count', 'active_batch_count', 'duplicate_batch_count', 'superseded_batch_count', 'open_batch_count',
            'landed_rows', 'accepted_rows', 'quarantined_rows', 'active_accepted_rows', 'active_quarantined_rows',
            'active_raw_rows'
        ] -%}
        coalesce(arrived.{{ name }}, 0) as {{ name }},
        {% endfor -%}
        arrived.data_through_at,
        arrived.last_extracted_at
    from {{ ref('stg_landing__feed') }} as feed
    left join arrived
        on feed.system = arrived.system
        and feed.feed = arrived.feed

)

select * from final
