select
    po_id,
    'SU' || lpad(any_value(supplier)::varchar, 4, '0') as supplier_id,
    case any_value(company_code) when '2000' then 'GBP' else 'EUR' end as currency,
    min(created_on) + interval 9 hour as created_at,
    null as incoterm,
    null as buyer_id,
    window_of(min(created_on) + interval 9 hour) as _window
from purchase
where created_on + interval 9 hour < getvariable('end_at')
group by po_id
