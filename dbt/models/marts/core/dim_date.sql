with

periods as (

    select
        period.fiscal_period_id,
        period.fiscal_year,
        period.start_date,
        period.end_date
    from {{ ref('int_calendar__fiscal_period') }} as period
    inner join {{ ref('int_calendar__company') }} as company on period.calendar_id = company.calendar_id
    where company.company_code = '*'

),

final as (

    select
        day.calendar_date,
        day.calendar_year,
        day.quarter_no,
        day.month_no,
        day.calendar_month,
        day.month_start_date,
        day.iso_week_no,
        day.iso_weekday_no,
        day.is_weekend,
        period.fiscal_period_id,
        period.fiscal_year
    from {{ ref('int_calendar__date') }} as day
    left join periods as period
        on day.calendar_date >= period.start_date
        and day.calendar_date < period.end_date

)

select
    calendar_date,
    calendar_year,
    quarter_no,
    month_no,
    calendar_month,
    month_start_date,
    iso_week_no,
    iso_weekday_no,
    is_weekend,
    fiscal_period_id,
    fiscal_year
from final
