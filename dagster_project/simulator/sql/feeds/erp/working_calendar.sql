select
    calendar_id,
    day as calendar_date,
    is_working,
    case when is_working then '08:00' end as open_time,
    case when is_working then '17:00' end as close_time,
    case when is_working then '14:00' end as cutoff_time
from calendar_day
