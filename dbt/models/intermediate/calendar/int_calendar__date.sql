with

first_days as (

    select {{ business_day('min(orders.ordered_at)', 'max(books.tz_name)') }} as first_day
    from {{ ref('stg_erp__sales_order') }} as orders
    cross join {{ group_time_zone() }} as books
    union all
    select min(posting_date) from {{ ref('stg_erp__invoice') }}
    union all
    select min(rate_date) from {{ ref('stg_erp__fx_rate') }}
    union all
    select min(start_date) from {{ ref('stg_erp__fiscal_calendar') }}

),

-- Forty years are enough for any history; one mistyped year must not make millions of days.
bounds as (

    select
        greatest(
            cast(date_trunc('year', coalesce(min(first_day), {{ as_of() }})) as date),
            {{ add_months(as_of(), -480) }}
        ) as first_day,
        {{ add_days("cast(date_trunc('year', " ~ add_months(as_of(), 24) ~ ") as date)", -1) }} as last_day
    from first_days

),

days as (

    {{ date_spine('(select first_day from bounds)', '(select last_day from bounds)') }}

),

final as (

    select
        calendar_date,
        cast(extract(year from calendar_date) as bigint) as calendar_year,
        cast(extract(quarter from calendar_date) as bigint) as quarter_no,
        cast(extract(month from calendar_date) as bigint) as month_no,
        {{ month_text('calendar_date') }} as calendar_month,
        {{ month_start('calendar_date') }} as month_start_date,
        {{ iso_week('calendar_date') }} as iso_week_no,
        {{ iso_weekday('calendar_date') }} as iso_weekday_no,
        {{ iso_weekday('calendar_date') }} >= 6 as is_weekend
    from days

)

select * from final
