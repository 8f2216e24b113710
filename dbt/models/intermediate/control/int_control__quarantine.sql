{{ config(materialized='view') }}

with

feeds as (

    select
        feed_name,
        active_quarantined_rows,
        {{ gate_limit('P-01', 'quarantined_rows', 'feed_name') }} as allowed_rows
    from {{ ref('int_control__feed') }}
    where is_delivered

),

-- One example tells an owner more than a count.
examples as (

    select
        quarantined.system || '.' || quarantined.feed as feed_name,
        min(quarantined.batch_id || ' line ' || cast(quarantined.source_row as string) || coalesce(', '
            || quarantined.column_name, '') || ': ' || quarantined.reason) as example
    from {{ ref('stg_landing__quarantined_row') }} as quarantined
    inner join {{ ref('stg_landing__batch') }} as batch
        on quarantined.batch_id = batch.batch_id
        and batch.is_active
    group by quarantined.system || '.' || quarantined.feed

)

select
    {{ control_row(
        'P-01', 'HIGH', "'feed=' || feeds.feed_name", 'active_quarantined_rows', 'allowed_rows',
        "coalesce('for example ' || examples.example, 'every row fits its contract')",
        status="case when active_quarantined_rows <= allowed_rows then 'PASS' else 'FAIL' end"
    ) }}
from feeds
left join examples on feeds.feed_name = examples.feed_name
