select
    i.note_id,
    account_code(i.cust) as account_id,
    i.noted_date,
    'Agent ' || (1 + i.cust % 3) as interviewer,
    case when u('filed', i.cust) < 0.3 then i.theme end as theme,
    r.text as note_text,
    i.sentiment,
    window_of(i.noted_date::timestamp) as _window
from interview as i
inner join remark as r on r.theme = i.theme and r.language = i.language
