select
    campaign_id,
    survey_type,
    sent_date,
    count(*)::bigint as population_count,
    language,
    window_of(sent_date::timestamp) as _window
from asked
group by all
