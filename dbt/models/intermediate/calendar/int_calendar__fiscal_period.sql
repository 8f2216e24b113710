with

delivered as (

    select
        calendar_id,
        fiscal_period_id,
        fiscal_year,
        period_no,
        quarter_no,
        start_date,
        end_date,
        week_count,
        status,
        closed_at
    from {{ ref('stg_erp__fiscal_calendar') }}

),

-- Companies without a fiscal calendar keep their books by calendar month.
months as (

    select
        'MONTH' as calendar_id,
        calendar_month as fiscal_period_id,
        calendar_year as fiscal_year,
        month_no as period_no,
        quarter_no,
        month_start_date as start_date,
        {{ add_months('month_start_date', 1) }} as end_date,
        cast(null as bigint) as week_count,
        'OPEN' as status,
        cast(null as timestamp) as closed_at
    from {{ ref('int_calendar__date') }}
    where calendar_date = month_start_date
        and 'MONTH' in (select calendar_id from {{ ref('int_calendar__company') }})

),

periods as (

    select * from delivered
    union all
    select * from months

),

closed as (

    select * from periods
    where status = 'CLOSED' and closed_at is not null

),

batches as (

    select system, feed, known_at, coalesce(window_to, extracted_at) as through_at
    from {{ ref('stg_landing__batch') }}
    where is_active
        and (system || '.' || feed) in (
            'erp.sales_order', 'erp.sales_order_line', 'erp.invoice', 'erp.invoice_line',
            'wms.shipment', 'wms.shipment_line'
        )

),

feeds as (

    select count(distinct system || '.' || feed) as feed_count from batches

),

-- What comes in the first days is the past as it was found, however many batches it takes.
beginning as (

    select cast({{ add_days('min(cast(batches.known_at as date))', 'max(schemes.initial_load_days)') }} as timestamp) as ends_at
    from batches
    cross join {{ ref('segment_scheme') }} as schemes
    where schemes.status = 'ACTIVE'

),

reached as (

    -- The moment at which each feed first reached the end of the period.
    select closed.calendar_id, closed.fiscal_period_id, batches.feed, min(batches.known_at) as reached_at
    from closed
    inner join batches on batches.through_at >= cast(closed.end_date as timestamp)
    group by closed.calendar_id, closed.fiscal_period_id, batches.feed

),

frozen as (

    select
        closed.calendar_id,
        closed.fiscal_period_id,
        greatest(max(closed.closed_at), max(reached.reached_at), max(beginning.ends_at)) as frozen_at
    from closed
    inner join reached
        on closed.calendar_id = reached.calendar_id
        and closed.fiscal_period_id = reached.fiscal_period_id
    cross join beginning
    cross join feeds
    group by closed.calendar_id, closed.fiscal_period_id
    having count(*) = max(feeds.feed_count)

),

final as (

    select periods.*, frozen.frozen_at
    from periods
    left join frozen
        on periods.calendar_id = frozen.calendar_id
        and periods.fiscal_period_id = frozen.fiscal_period_id

)

select * from final
