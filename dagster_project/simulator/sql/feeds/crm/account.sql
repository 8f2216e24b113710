select
    account_code(c.cust) as account_id,
    case when c.kind <> 'OLD_NUMBER' and u('linked', c.cust) < 0.85 then customer_code(c.cust) end as customer_id,
    written(n.base_name, n.form, c.cust) as name,
    case when u('crm tax', c.cust) < 0.7 then mistyped(n.tax_id, 'tax', c.cust) end as tax_id,
    case when u('crm tax', c.cust) < 0.7 then mistyped(n.vat_id, 'tax', c.cust) end as vat_id,
    ['PLATINUM', 'GOLD', 'SILVER', 'BRONZE'][case when u('crm tier', c.cust) < 0.85 then c.tier_no else 3 end] as tier_crm,
    c.kind <> 'OLD_NUMBER' and c.tier_no = 1 as is_key_account,
    c.kind <> 'OLD_NUMBER' and c.tier_no <= 2 and u('strategic', c.cust) < 0.2 as is_strategic,
    'REP' || lpad((1 + c.cust % 25)::varchar, 3, '0') as owner_user_id,
    case when c.slot in (5, 6) then account_code(c.cust - 1) end as parent_account_id,
    case when c.is_grouped then 'Group ' || c.block end as buying_group,
    null as association,
    null as website,
    case when u('crm address', c.cust) < 0.9
        then replace(mistyped(street_of(a.address_no), 'street', c.cust), 'straße',
            case when u('short', c.cust) < 0.3 then 'str.' else 'straße' end) end as street,
    case when u('crm address', c.cust) < 0.9 then c.city end as city,
    case when u('crm address', c.cust) < 0.9 then postcode_of(a.address_no) end as postcode,
    c.country,
    case when u('crm phone', c.cust) < 0.85 then telephone(mistyped(n.phone, 'phone', c.cust), c.cust) end as phone,
    case when u('crm email', c.cust) < 0.75 then mistyped(n.email, 'email', c.cust) end as email,
    case when c.kind = 'OLD_NUMBER' then 'INACTIVE' when c.life = 'DORMANT' then 'DORMANT' else 'ACTIVE' end as status,
    getvariable('start_at')::date - pick('crm opened', c.cust, 1200)::int as created_date
from customer as c
inner join customer_name as n on n.cust = c.cust
-- One in ten has moved, and sales or the ERP has not heard of it.
cross join lateral (
    select case when u('crm moved', c.cust) < 0.1 then c.cust * 10 + 9 else n.address_no end as address_no
) as a
where c.kind in ('SOLD_TO', 'PROSPECT') or (c.kind = 'OLD_NUMBER' and c.block % 2 = 0)
