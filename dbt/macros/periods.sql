{#- Words for closed fiscal periods, whose figures stand from `frozen_at` on. -#}

{#-
    One row per day of a closed period of the calendar by which the group keeps its books (company
    `*`): calendar_date, fiscal_period_id, frozen_at. Orders and shipments belong to no company.
-#}
{% macro frozen_days() %}
    select day.calendar_date, period.calendar_id, period.fiscal_period_id, period.frozen_at
    from {{ ref('int_calendar__date') }} as day
    inner join {{ ref('int_calendar__fiscal_period') }} as period
        on day.calendar_date >= period.start_date
        and day.calendar_date < period.end_date
    inner join {{ ref('int_calendar__company') }} as company
        on period.calendar_id = company.calendar_id
        and company.company_code = '*'
    where period.frozen_at is not null
{% endmacro %}
