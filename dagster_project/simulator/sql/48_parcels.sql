-- Freight of parcels and of rush orders, billed by shipment; loads are billed in the closing.

create or replace temp table freight as
with billed as (
    select
        *, departed_at::date + (5 + pick('billed', shipment_no, 8))::int as wished_on,
        'FS' || lpad(shipment_no::varchar, 10, '0') as freight_invoice_id
    from shipments
    where load_no is null or order_type = 'RUSH'
),
charges as (
    select *, 'BASE' as charge_type, round(6.5 + 0.4 * weight_kg, 2) as amount from billed where load_no is null
    union all
    select *, 'EXPEDITE', round(18 + 0.25 * weight_kg, 2) from billed where order_type = 'RUSH'
)
select
    freight_invoice_id, charge_type, carrier, null::bigint as load_no, shipment_no, amount::decimal(18, 2) as amount,
    case company_code when '2000' then 'GBP' else 'EUR' end as currency, company_code,
    weight_kg, departed_at::date as left_on, not_sunday(wished_on)::date as billed_on,
    greatest(known_at, not_sunday(wished_on)::timestamp + interval 9 hour) as known_at
from charges
where not_sunday(wished_on) < getvariable('end_at')::date;
