-- Who buys: customers with their true habits, their sites, their CRM accounts and contracts.
-- The place of a customer in a block of twenty decides its relations: 0 to 2 form a group,
-- 4 to 6 a chain of parents, 8 receives at the dock of 7, 10 receives at a ship-to account,
-- 14 is the same company as 13 under a second number.

create or replace table habit as
select * from (values
    ('S1', 3.00, 1.50, 1.6, 2, 0.965, 0.012, 12.0, 0.0, 0.6),
    ('S2', 1.60, 1.20, 1.2, 3, 0.945, 0.020, 9.0, 4.0, 0.8),
    ('S3', 0.80, 0.90, 1.0, 5, 0.905, 0.032, 6.0, 10.0, 1.2),
    ('S4', 0.35, 0.70, 0.7, 7, 0.855, 0.045, 3.0, 20.0, 2.0)
) as t(
    tier, order_share, line_share, quantity_share, lead_days, reliability, stockout_share,
    discount_pct, pays_late_days, return_share
);

-- The customer whose old number the i-th one is: of every ten, the one in place 3 or 9 of twenty.
create or replace macro successor(i) as i // 2 * 20 + case when i % 2 = 0 then 3 else 9 end;

create or replace table customer as
with numbered as (
    select i as cust, i // 20 as block, i % 20 as slot, 'SOLD_TO' as kind
    from range(1, getvariable('customers') + 1) as t(i)
),
headed as (
    select
        *,
        case
            when slot in (1, 2) and block > 0 then block * 20
            when slot = 2 then 1
            when slot in (5, 6) then block * 20 + 4
            when slot = 14 then block * 20 + 13
            else cust
        end as head
    from numbered
),
ranked as (
    -- Shares by rank, not by chance: a company of 60 customers has every kind.
    select
        *,
        percent_rank() over (order by hash(head + salt('tier')), head) as tier_rank,
        percent_rank() over (order by hash(head + salt('place')), head) as place_rank,
        percent_rank() over (order by hash(cust + salt('life')), cust) as life_rank,
        percent_rank() over (order by hash(cust + salt('move')), cust) as move_rank,
        percent_rank() over (order by hash(cust + salt('class')), cust) as class_rank
    from headed
),
habits as (
    select
        *,
        case
            when tier_rank < 0.10 then 1 when tier_rank < 0.30 then 2
            when tier_rank < 0.60 then 3 else 4
        end as tier_no,
        case
            when life_rank < 0.06 then 'NEW'
            when life_rank < 0.11 then 'DORMANT'
            when life_rank < 0.13 and getvariable('months') >= 24 then 'REACTIVATED'
            else 'ACTIVE'
        end as life,
        case
            when class_rank < 0.55 then 'SMOOTH' when class_rank < 0.75 then 'INTERMITTENT'
            when class_rank < 0.90 then 'ERRATIC' else 'LUMPY'
        end as demand_class,
        1 + (
            select count(*) from place as p where p.share_to <= place_rank and p.place < 10
        ) as place
    from ranked
),
others as (
    select
        getvariable('customers') + row_number() over (order by ord, i) as cust,
        i as block, 100 + ord as slot, kind, place
    from (
        select 1 as ord, i, 'INTERCOMPANY' as kind, case when i = 0 then 7 else 1 end as place
        from range(2) as t(i)
        union all
        select 2, i, 'EMPLOYEE', 1 from range(greatest(1, getvariable('customers') // 100)) as t(i)
        union all
        select 3, i, 'ONE_TIME', 1 from range(greatest(1, getvariable('customers') // 100)) as t(i)
        union all
        select 4, i, 'TEST', 1 from range(1) as t(i)
        union all
        select 5, i, 'PROSPECT', 1 + i % 10 from range(greatest(2, getvariable('customers') // 50)) as t(i)
        union all
        select 6, i, 'SHIP_TO', null from range(getvariable('customers') // 20 + 1) as t(i)
        union all
        select 7, i, 'PAYER', 1 from range(getvariable('customers') // 20 + 1) as t(i)
        union all
        -- Numbers that were replaced by another one when the customer moved or was entered twice.
        select 8, i, 'OLD_NUMBER', null from range(getvariable('customers') // 10) as t(i)
    )
),
everyone as (
    select
        cust, block, slot, kind, head, tier_no, life, demand_class, place,
        case
            when life <> 'ACTIVE' or slot in (0, 1, 2, 4, 5, 6, 13, 14) then 0
            when move_rank < 0.08 and tier_no > 1 then -1
            when move_rank > 0.92 and tier_no < 4 then 1
            else 0
        end as move
    from habits
    union all
    select o.cust, o.block, o.slot, o.kind, o.cust, 3, 'ACTIVE', 'SMOOTH',
        coalesce(o.place, h.place, 1), 0
    from others as o
    left join habits as h
        on (o.kind = 'SHIP_TO' and h.cust = o.block * 20 + 10)
        or (o.kind = 'OLD_NUMBER' and h.cust = successor(o.block))
)
select
    e.*,
    'S' || e.tier_no as tier_before,
    'S' || (e.tier_no + e.move) as tier_after,
    case
        when e.move <> 0 then (getvariable('months') * (0.4 + 0.2 * u('moved', e.cust)))::bigint
    end as moved_in,
    case when e.life = 'NEW' then getvariable('months') - 1 - pick('start', e.cust, 4) else 0 end
        as first_month,
    case
        when e.life = 'DORMANT'
            then greatest(1, (getvariable('months') * (0.1 + 0.2 * u('stop', e.cust)))::bigint)
        else getvariable('months') - 1
    end as last_month,
    case when e.life = 'REACTIVATED' then 3 + pick('pause', e.cust, 3) else 999 end as pause_from,
    case when e.life = 'REACTIVATED' then 18 + pick('pause', e.cust, 3) else 999 end as pause_to,
    p.country, p.region, p.city, p.tz_name, p.calendar_id, p.currency, p.transit_days, p.order_hour,
    p.tax_share,
    -- The intercompany customer in Britain buys from company 1000 in euro, the other from 2000.
    case when e.kind = 'INTERCOMPANY' and p.company_code = '2000' then '1000'
        when e.kind = 'INTERCOMPANY' then '2000' else p.company_code end as company_code,
    case when e.kind = 'INTERCOMPANY' and p.company_code = '2000' then 'DC10'
        when e.kind = 'INTERCOMPANY' then 'DC20' else p.dc end as dc,
    case when e.kind = 'INTERCOMPANY' and p.company_code = '2000' then 'EUR'
        when e.kind = 'INTERCOMPANY' then 'GBP' else p.currency end as document_currency,
    case e.kind when 'INTERCOMPANY' then 4.0 when 'EMPLOYEE' then 0.3 when 'ONE_TIME' then 0.0
        when 'TEST' then 0.4 else 1.0 end as kind_share,
    e.kind not in ('PROSPECT', 'SHIP_TO', 'PAYER', 'OLD_NUMBER') as is_buyer,
    e.slot in (0, 1, 2) and e.kind = 'SOLD_TO' as is_grouped,
    case when e.slot = 8 then e.cust - 1 else e.cust end as dock_of,
    e.kind = 'SOLD_TO' and e.tier_no <= 2 and e.cust % 3 = 0 as has_second_site,
    e.kind = 'SOLD_TO' and e.cust % 9 = 4 as is_billed_monthly,
    case
        when e.kind = 'SOLD_TO' and (e.tier_no = 1 or (e.tier_no = 2 and e.cust % 2 = 0) or e.cust % 11 = 0)
            then e.cust
    end as contract_no,
    ['SMALL', 'MEDIUM', 'LARGE'][case e.tier_no when 1 then 3 when 2 then 2 + pick('band', e.cust, 2)
        else 1 + pick('band', e.cust, 2) end] as size_band,
    [0, 14, 30, 30, 45, 60][1 + pick('terms', e.cust, 6)]::bigint as payment_terms_days
from everyone as e
inner join place as p on p.place = e.place
order by e.cust;

-- Accounts of a group are billed to one payer.
create or replace table customer as
select
    c.*,
    case when c.is_grouped then payer.cust else c.cust end as bill_to,
    case when c.slot = 10 then ship_to.cust end as ship_to
from customer as c
left join customer as payer on payer.kind = 'PAYER' and payer.block = c.block
left join customer as ship_to on ship_to.kind = 'SHIP_TO' and ship_to.block = c.block
order by c.cust;

