-- Customers are asked every spring, summer and autumn; what they say follows from what they got in the
-- twelve months before. Who is asked about quality in spring is not asked about expectations in
-- summer, so that nobody is asked more than twice a year.

create or replace table survey_wave as
select
    month_no, period, month_no * 10 + month(first_day) // 3 as wave_no, first_day + 9 as sent_date,
    ['LSQ', 'EXPECTATION', 'NPS'][month(first_day) // 3] as survey_type
from month
where month(first_day) in (3, 6, 9);

-- At most a thousand are asked in a wave, whatever the size of the company.
create or replace table asked as
with candidates as (
    select
        w.wave_no, w.survey_type, w.period, w.sent_date, c.cust, c.tier_no, c.country, c.lead_days,
        case when c.country = 'DE' then 'de' else 'en' end as language,
        sum(s.lines)::bigint as lines, sum(s.late_lines) / sum(s.lines) as late_share,
        sum(s.short_lines) / sum(s.lines) as short_share
    from survey_wave as w
    inner join served as s on s.month_no between w.month_no - 12 and w.month_no - 1
    inner join (
        select c.cust, c.tier_no, c.country, h.lead_days
        from customer as c
        inner join habit as h on h.tier = 'S' || c.tier_no
        where c.kind = 'SOLD_TO'
    ) as c on c.cust = s.cust
    where w.survey_type = 'NPS' or (c.cust % 2 = 1) = (w.survey_type = 'LSQ')
    group by all
),
chosen as (
    select * from candidates
    qualify row_number() over (
        partition by wave_no order by hash(cust + salt('asked') + wave_no), cust
    ) <= 1000
)
select
    *,
    cust * 1000 + wave_no as ask_no,
    'SV-' || period || '-' || survey_type || '-' || upper(language) as campaign_id,
    -- Large customers answer more readily than small ones.
    u('answers', cust * 1000 + wave_no) < case when tier_no <= 2 then 0.60 else 0.35 end as has_answered,
    -- A few are angry about something else than deliveries.
    u('grudge', cust) < 0.05 and late_share + short_share < 0.25 as has_grudge
from chosen;

create or replace table answered as
select
    *,
    sent_date::timestamp + to_seconds(3600 * (8 + pick('answered day', ask_no, 18) * 24) + pick('answered at', ask_no, 32400))
        as submitted_at,
    u('anonymous', ask_no) < 0.05 as is_anonymous,
    u('answers twice', ask_no) < 0.03 as is_twice,
    case
        when has_grudge then pick('grudge score', ask_no, 3)
        else greatest(0, least(10, round(10.8 - 10 * (late_share + short_share) - 3 * u('mood', ask_no))))
    end::bigint as nps,
    case
        when has_grudge then 'DOCUMENTS'
        when u('comments', ask_no) >= 0.7 then null
        when 10.8 - 10 * (late_share + short_share) - 3 * u('mood', ask_no) >= 8.5 then 'PRAISE'
        when late_share >= short_share and late_share > 0.05 then 'DELIVERY_TIME'
        when short_share > 0.05 then 'COMPLETENESS'
        else 'OTHER'
    end as theme
from asked
where has_answered;

create or replace table remark as
select * from (values
    ('DOCUMENTS', 'en', 'The invoice was wrong three times and nobody could help.'),
    ('DOCUMENTS', 'de', 'Die Rechnung war dreimal falsch und niemand konnte helfen.'),
    ('PRAISE', 'en', 'Always reliable, thank you.'),
    ('PRAISE', 'de', 'Immer zuverlässig, danke.'),
    ('DELIVERY_TIME', 'en', 'Too much of it arrives late.'),
    ('DELIVERY_TIME', 'de', 'Zu vieles kommt verspätet.'),
    ('COMPLETENESS', 'en', 'Again a part of the order was missing.'),
    ('COMPLETENESS', 'de', 'Wieder hat ein Teil der Ware gefehlt.'),
    ('OTHER', 'en', 'See you at the fair.'),
    ('OTHER', 'de', 'Bis bald auf der Messe.')
) as t(theme, language, text);

-- Item by item; whoever answers twice says something else the first time, a day earlier.
create or replace table survey_item as
with quality as (
    select unnest([
        'PERSONNEL_CONTACT', 'ORDER_RELEASE', 'INFORMATION', 'ORDERING_PROCEDURES', 'ORDER_ACCURACY',
        'ORDER_CONDITION', 'ORDER_QUALITY', 'DISCREPANCY_HANDLING', 'TIMELINESS'
    ]) as dimension
),
expected as (
    select * from (values
        ('EXP_LEAD_TIME', 3), ('EXP_FILL_RATE', 4), ('EXP_ON_TIME', 5), ('EXP_ACCURACY', 4)
    ) as t(item_id, importance)
),
said as (
    select a.ask_no, 'NPS' as item_id, a.nps as score, null::decimal(18, 6) as expectation, null as importance,
        r.text as comment_text
    from answered as a
    left join remark as r on r.theme = a.theme and r.language = a.language
    where a.survey_type = 'NPS'
    union all
    select
        a.ask_no, q.dimension || '_' || i.number,
        greatest(1, least(5, round(
            4.6 - 4 * case q.dimension when 'TIMELINESS' then 2 * a.late_share
                when 'ORDER_ACCURACY' then 2 * a.short_share else a.late_share + a.short_share end
            - 1.6 * u('mood', a.ask_no) + 0.8 * (u('item ' || q.dimension || i.number, a.ask_no) - 0.5)
        )))::bigint,
        null, null, null
    from answered as a
    cross join quality as q
    cross join (select unnest([1, 2]) as number) as i
    where a.survey_type = 'LSQ'
    union all
    -- Gold expects less than it is promised.
    select
        a.ask_no, e.item_id, null,
        round(case e.item_id
            when 'EXP_LEAD_TIME' then a.lead_days + pick('wish', a.ask_no, 2)
            when 'EXP_ACCURACY' then 0.985
            else [0.97, 0.85, 0.90, 0.86][a.tier_no] + 0.04 * (u('wish ' || e.item_id, a.ask_no) - 0.5)
        end, 3)::decimal(18, 6),
        e.importance, null
    from answered as a
    cross join expected as e
    where a.survey_type = 'EXPECTATION'
)
select
    'R' || lpad(s.ask_no::varchar, 10, '0') || v.version as response_id,
    s.item_id, a.campaign_id, a.cust, a.ask_no, v.version, a.is_anonymous, a.wave_no,
    case when a.is_anonymous then null else account_code(a.cust) end as account_id,
    ['BUYER', 'PLANNER', 'LOGISTICS'][1 + pick('respondent', a.ask_no, 3)] as respondent_role,
    a.submitted_at - case v.version when 'A' then interval 1 day else interval 0 day end as submitted_at,
    case when v.version = 'A' and s.item_id = 'NPS' then 10 - s.score else s.score end as score,
    s.expectation, s.importance,
    case when v.version = 'B' then s.comment_text end as comment_text
from said as s
inner join answered as a on a.ask_no = s.ask_no
inner join (select unnest(['A', 'B']) as version) as v on v.version = 'B' or (a.is_twice and not a.is_anonymous);

-- After the autumn wave somebody visits the angry ones and a few others.
create or replace table interview as
select
    'IN' || lpad(a.ask_no::varchar, 10, '0') as note_id, a.cust, a.wave_no, a.period, a.language,
    coalesce(a.theme, 'PRAISE') as theme,
    a.sent_date + 30 + pick('visited', a.ask_no, 20)::int as noted_date,
    case when a.has_grudge then -0.8 else round(0.2 * (a.nps - 6), 1) end::decimal(18, 6) as sentiment
from answered as a
where a.survey_type = 'NPS' and not a.is_anonymous
qualify row_number() over (partition by a.wave_no order by a.has_grudge desc, hash(a.ask_no), a.ask_no)
    <= case when a.has_grudge or u('visited', a.ask_no) < 0.05 then 40 else 2 end;

-- What of it the books of the simulator keep: the last word of everybody, and who has a grudge.
create or replace table truth_survey as
select
    a.campaign_id, a.survey_type, a.period, a.language,
    count(*)::bigint as asked,
    count(*) filter (a.has_answered)::bigint as answered,
    count(*) filter (a.has_answered and n.is_anonymous)::bigint as anonymous,
    count(*) filter (n.is_twice and not n.is_anonymous)::bigint as answered_twice,
    count(*) filter (a.survey_type = 'NPS' and n.nps >= 9)::bigint as promoters,
    count(*) filter (a.survey_type = 'NPS' and n.nps <= 6)::bigint as detractors
from asked as a
left join answered as n on n.ask_no = a.ask_no
group by all;

create or replace table truth_remark as
select 'SURVEY' as source, period, theme, count(*)::bigint as texts,
    count(distinct cust) filter (not is_anonymous)::bigint as known_customers
from answered
where survey_type = 'NPS' and theme is not null
group by all
union all
select 'INTERVIEW', period, theme, count(*)::bigint, count(distinct cust)::bigint
from interview
group by all;

create or replace table truth_grudge as
select distinct customer_code(cust) as customer_id, period
from answered
where survey_type = 'NPS' and has_grudge and not is_anonymous;
