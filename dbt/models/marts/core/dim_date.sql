with

periods as (

    select
        period.fiscal_period_id,
        period.fiscal_year,
        period.period_no,
        period.start_date,
        period.end_date,
        {{ days_between('period.start_date', 'period.end_date') }} as day_count
    from {{ ref('int_calendar__fiscal_period') }} as period
    inner join {{ ref('int_calendar__company') }} as company on period.calendar_id = company.calendar_id
    where company.company_code = '*'

),

-- Only a year whose periods are whole weeks can be counted in weeks.
years_of_weeks as (

    select
        fiscal_year,
        min(start_date) as start_date,
        cast(sum(day_count) / 7 as bigint) as week_count
    from periods
    group by fiscal_year
    having min(period_no) = 1
        and max(day_count - 7 * floor(day_count / 7)) = 0

),

weeks as (

    select
        day.calendar_date,
        year_of_weeks.week_count,
        cast(floor({{ days_between('year_of_weeks.start_date', 'day.calendar_date') }} / 7) + 1 as bigint) as fiscal_week_no
    from {{ ref('int_calendar__date') }} as day
    inner join periods as period
        on day.calendar_date >= period.start_date
        and day.calendar_date < period.end_date
    inner join years_of_weeks as year_of_weeks on period.fiscal_year = year_of_weeks.fiscal_year

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
        coalesce(working.is_working, not day.is_weekend) as is_working_day,
        period.fiscal_period_id,
        period.fiscal_year,
        week.fiscal_week_no,
        -- Against a year of 53 weeks the next one is compared from its second week on, so that the
        -- same weeks of the seasons meet; its first week has no counterpart.
        case
            when week.week_count = 53 then nullif(week.fiscal_week_no - 1, 0)
            when week.week_count = 52 then week.fiscal_week_no
        end as restated_week_no
    from {{ ref('int_calendar__date') }} as day
    left join periods as period
        on day.calendar_date >= period.start_date
        and day.calendar_date < period.end_date
    left join weeks as week on day.calendar_date = week.calendar_date
    left join {{ ref('int_calendar__working_day') }} as working on day.calendar_date = working.calendar_date

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
    is_working_day,
    fiscal_period_id,
    fiscal_year,
    fiscal_week_no,
    restated_week_no
from final
