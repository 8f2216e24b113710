-- What each customer got, by the month of its orders: lines, late ones and short ones. Surveys ask
-- for it at the close.

create table if not exists served (
    cust bigint, month_no bigint, lines bigint, late_lines bigint, short_lines bigint
);

insert into served
select
    l.cust, l.month_no, count(*), count(*) filter (f.is_late), count(*) filter (f.is_short and not f.is_late)
from lines as l
left join failures as f on f.line_key = l.line_key
where l.kind = 'SOLD_TO'
group by l.cust, l.month_no;
