select
    contract_code(contract_no) as contract_id,
    1::bigint as version,
    account_code(cust) as account_id,
    customer_code(cust) as customer_id,
    case when tier_no = 1 then 'FRAMEWORK' else 'SUPPLY' end as contract_type,
    getvariable('start_at')::date - pick('signed', cust, 300)::int as start_date,
    case when cust % 4 = 0 then date '2026-01-01' + pick('ends', cust, 700)::int end as end_date,
    cust % 4 <> 0 as is_auto_renew,
    90::bigint as notice_days,
    (50000 * (5 - tier_no))::decimal(18, 4) as annual_value,
    document_currency as currency,
    case when tier_no <= 2 and cust % 3 = 0 then 'S2' end as tier_floor,
    getvariable('start_at')::date - pick('signed', cust, 300)::int - 20 as signed_date
from customer
where contract_no is not null
