-- Purchase orders: each month what the last three months asked for, some late, some short; and those
-- that came too late for a line.

create or replace table purchase as
with planned as (
    select
        a.product, a.dc, m.month_no, m.first_day,
        ceil(coalesce(sum(b.units), a.units) / greatest(1, least(3, m.month_no)))::bigint as units
    from asked as a
    inner join month as m on m.month_no = a.month_no
    left join asked as b
        on b.product = a.product and b.dc = a.dc and b.month_no between a.month_no - 3 and a.month_no - 1
    group by a.product, a.dc, m.month_no, m.first_day, a.units
),
keyed as (
    select p.*, dc.dc_no, dc.company_code, (p.product * 16 + dc.dc_no) * 64 + p.month_no as key
    from planned as p
    inner join dc on dc.dc = p.dc
),
dated as (
    select
        *,
        1 + product % 20 as supplier,
        (first_day + pick('supply day', key, 20)::int)::date as promised_on,
        case when u('supply is late', key) < 0.06 then 4 + pick('supply days', key, 9) else 0 end as late_days,
        case when u('supply is short', key) < 0.05 then 0.7 else 1.0 end as filled
    from keyed
)
select
    'PO' || lpad(month_no::varchar, 2, '0') || dc_no || lpad(supplier::varchar, 2, '0') as po_id,
    product as line_no, supplier, product, dc, company_code, units, promised_on,
    (promised_on + late_days::int)::date as received_on,
    greatest(1, floor(units * filled))::bigint as received_units,
    greatest(first_day - 10, getvariable('start_at')::date)::date as created_on
from dated
union all
select
    'PX' || lpad(l.line_key::varchar, 12, '0'), 1, 1 + l.product % 20, l.product, l.dc, dc.company_code, l.units, l.promised_on,
    l.received_on, l.units, greatest(l.promised_on - 14, getvariable('start_at')::date)::date
from late_supply as l
inner join dc on dc.dc = l.dc;
