with

events as (

    select event_id from {{ ref('stg_tms__tracking_event') }}

),

coverage as (

    -- Without any report at all a missing delivery says nothing; with reports it is a failure.
    select count(*) > 0 as has_delivery_events from events

)

select * from coverage
