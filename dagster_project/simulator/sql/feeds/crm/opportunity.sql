-- A new customer was won shortly before its first order; prospects are still open; now and then
-- an account of an old customer was asked for more and said no.
with opened as (
    select
        c.*,
        case
            when c.life = 'NEW' then 'WON'
            when c.kind = 'PROSPECT' then 'OPEN'
            when u('lost', c.cust) < 0.1 then 'LOST'
        end as outcome,
        m.first_day as starts_on
    from customer as c
    left join month as m on m.month_no = c.first_month
    where c.kind in ('SOLD_TO', 'PROSPECT')
)
select
    'OP' || lpad(cust::varchar, 6, '0') as opportunity_id,
    account_code(cust) as account_id,
    case outcome when 'OPEN' then 'PROPOSAL' else 'CLOSED' end as stage,
    ((60000 / (tier_no * tier_no)) * (0.7 + 0.6 * u('opportunity', cust)))::decimal(18, 0)::decimal(18, 4) as amount,
    document_currency as currency,
    case outcome
        when 'WON' then starts_on - 1 - pick('won', cust, 20)::int
        when 'OPEN' then getvariable('end_at')::date + pick('closing', cust, 90)::int
        else getvariable('start_at')::date + pick('no', cust, 60)::int
    end as close_date,
    case outcome when 'WON' then true when 'LOST' then false end as is_won,
    case outcome when 'LOST' then ['PRICE', 'DELIVERY_TIME', 'RANGE'][1 + pick('why', cust, 3)] end as loss_reason,
    case outcome when 'LOST' then ['Nordhandel', 'Velox', 'Carrow'][1 + pick('who', cust, 3)] end as competitor
from opened
where outcome is not null
