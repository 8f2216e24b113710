select
    customer_code(c.cust) as customer_id,
    case when c.slot = 14 then upper(n.base_name) else n.base_name end as name,
    case when c.kind in ('SOLD_TO', 'INTERCOMPANY', 'OLD_NUMBER') then n.base_name || ' ' || n.form end as legal_name,
    case when c.kind in ('TEST', 'OLD_NUMBER') then 'SOLD_TO' else c.kind end as account_group,
    case when c.kind = 'SOLD_TO' and c.slot in (5, 6) then customer_code(c.cust - 1) end as parent_customer_id,
    case when c.is_grouped then 'G' || lpad(c.block::varchar, 4, '0') end as group_id,
    case when c.kind = 'SOLD_TO' or (c.kind = 'OLD_NUMBER' and (c.block % 4 = 1 or u('erp tax', c.cust) < 0.6))
        then n.tax_id end as tax_id,
    case when c.kind = 'SOLD_TO' or (c.kind = 'OLD_NUMBER' and (c.block % 4 = 1 or u('erp tax', c.cust) < 0.6))
        then n.vat_id end as vat_id,
    null as lei,
    case when c.kind = 'SOLD_TO' and c.tier_no <= 2 then n.duns end as duns,
    null as gln,
    case when c.kind in ('SOLD_TO', 'PROSPECT', 'OLD_NUMBER') then n.phone end as phone,
    case when c.kind in ('SOLD_TO', 'PROSPECT') and u('erp email', c.cust) < 0.8 then n.email end as email,
    case when c.kind = 'SOLD_TO' then 'C' || (10 + pick('industry', c.cust, 23)) end as industry_code,
    c.size_band,
    c.document_currency as currency,
    c.payment_terms_days,
    (5000 * (5 - c.tier_no) * (1 + pick('credit', c.cust, 8)))::decimal(18, 4) as credit_limit,
    u('hold', c.cust) < 0.01 and c.kind = 'SOLD_TO' as is_credit_hold,
    c.life = 'DORMANT' and u('block', c.cust) < 0.3 as is_order_block,
    c.tier_no::bigint as delivery_priority,
    -- The code in the ERP is kept by hand: nine in ten are right.
    case when c.kind = 'SOLD_TO' and c.life <> 'NEW'
        then case when u('erp code', c.cust) < 0.9 then c.tier_before else 'S3' end end as erp_segment_code,
    case when u('split', c.cust) < 0.85 then 'ANY' else 'NONE' end as partial_delivery_code,
    'ORG' || c.company_code as sales_org,
    ['EDI', 'WEB', 'FIELD'][1 + pick('channel', c.cust, 3)] as channel,
    c.region,
    c.country,
    o.created_date,
    case when c.kind = 'OLD_NUMBER' then o.created_date + 30 end as closed_date,
    c.kind = 'TEST' as is_test
from customer as c
inner join customer_name as n on n.cust = c.cust
inner join customer as k on k.cust = n.of_cust
cross join lateral (
    select
        case when k.first_month > 0 then (select m.first_day from month as m where m.month_no = k.first_month)
            else getvariable('start_at')::date - (30 + pick('opened', k.cust, 1500))::int end as created_date
) as o
