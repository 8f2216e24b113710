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

final as (

    select * from delivered
    union all
    select * from months

)

select * from final
