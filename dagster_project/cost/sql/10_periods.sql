-- Periods that are over, with their quarters; quarters of a calendar follow one another.

create or replace temp table period as
with quarters as (
    select calendar_id, fiscal_year, quarter_no, max(end_date) as quarter_end
    from calendar
    group by all
)
select
    c.calendar_id, c.fiscal_period_id, c.start_date, c.end_date,
    c.fiscal_year || '-Q' || c.quarter_no as fiscal_quarter,
    q.quarter_end <= $through as is_quarter_over,
    (c.fiscal_year * 4 + c.quarter_no)::bigint as quarter_index
from calendar as c
inner join quarters as q using (calendar_id, fiscal_year, quarter_no)
where c.end_date <= $through;

-- The books of the group, by which everything is dated that no company books.
create or replace temp table group_period as
select p.*
from period as p
inner join company as c on c.calendar_id = p.calendar_id and c.company_code = '*';

create or replace temp table segment_of as
select entity_id, segment_key, valid_from, valid_to
from assignment
where is_latest_belief and scheme_id = $scheme;
