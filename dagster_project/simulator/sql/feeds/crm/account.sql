select
    account_code(c.cust) as account_id,
    case when u('linked', c.cust) < 0.97 then customer_code(c.cust) end as customer_id,
    n.base_name || case when c.slot = 13 then '' else ' ' || n.form end as name,
    case when u('crm tax', c.cust) < 0.8 then n.vat_id end as tax_id,
    case when u('crm tax', c.cust) < 0.8 then n.vat_id end as vat_id,
    ['PLATINUM', 'GOLD', 'SILVER', 'BRONZE'][case when u('crm tier', c.cust) < 0.85 then c.tier_no else 3 end] as tier_crm,
    c.tier_no = 1 as is_key_account,
    c.tier_no <= 2 and u('strategic', c.cust) < 0.2 as is_strategic,
    'REP' || lpad((1 + c.cust % 25)::varchar, 3, '0') as owner_user_id,
    case when c.slot in (5, 6) then account_code(c.cust - 1) end as parent_account_id,
    case when c.is_grouped then 'Group ' || c.block end as buying_group,
    null as association,
    null as website,
    case when c.life = 'DORMANT' then 'DORMANT' else 'ACTIVE' end as status,
    getvariable('start_at')::date - pick('crm opened', c.cust, 1200)::int as created_date
from customer as c
inner join customer_name as n on n.cust = c.cust
where c.kind in ('SOLD_TO', 'PROSPECT')
