-- Loads with everything that travelled on them, and the freight billed by load.

create or replace table load_total as
select
    load_no, any_value(place) as place, any_value(carrier) as carrier,
    any_value(departed_at) as departed_at, sum(weight_kg) as weight_kg, sum(volume_m3) as volume_m3
from used_load
group by load_no
order by load_no;

create or replace temp table freight as
with billed as (
    select
        l.*, p.company_code, p.transit_days,
        l.departed_at::date + (6 + pick('billed', l.load_no, 8))::int as wished_on,
        'FL' || lpad(l.load_no::varchar, 8, '0') as freight_invoice_id
    from load_total as l
    inner join place as p on p.place = l.place
),
charges as (
    select *, 'BASE' as charge_type, round(60 + 45 * transit_days + 0.09 * weight_kg, 2) as amount from billed
    union all
    select *, 'FUEL', round(6 + 4.5 * transit_days + 0.009 * weight_kg, 2) from billed
    union all
    select *, 'DETENTION', 85.00 from billed where u('detention', load_no) < 0.04
    union all
    select *, 'DUTY', round(0.05 * weight_kg + 30, 2) from billed where place = 10
)
select
    freight_invoice_id, charge_type, carrier, load_no, null::bigint as shipment_no, amount::decimal(18, 2) as amount,
    case company_code when '2000' then 'GBP' else 'EUR' end as currency, company_code,
    weight_kg, departed_at::date as left_on, not_sunday(wished_on)::date as billed_on,
    not_sunday(wished_on)::timestamp + interval 9 hour as known_at
from charges
where not_sunday(wished_on) < getvariable('end_at')::date;
