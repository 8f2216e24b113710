{{ config(materialized='view') }}

with

feeds as (

    select
        feed_name,
        is_required,
        freshness_hours,
        data_through_at,
        cast(ceil({{ minutes_between('data_through_at', 'cast(' ~ add_days(as_of(), 1) ~ ' as timestamp)') }} / 60) as bigint) as lag_hours
    from {{ ref('int_control__feed') }}
    where is_delivered
        and freshness_hours is not null

)

select
    {{ control_row(
        'P-05', 'HIGH', "'feed=' || feed_name", 'lag_hours', 'freshness_hours',
        "(case when is_required then 'required' else 'optional' end) || ' feed, data through '
            || cast(data_through_at as string)",
        status="case when lag_hours <= freshness_hours then 'PASS' else 'FAIL' end"
    ) }}
from feeds
