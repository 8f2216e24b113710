-- Documents of accounts receivable: invoices for what was shipped, cancelled and reissued ones,
-- price corrections. Returns add their credits in the next script.

create or replace macro gl_account_of(kind, currency) as
    case when kind = 'INTERCOMPANY' then '4900' when currency = 'USD' then '4010' else '4000' end;

create or replace macro tax_of(net, tax_share) as
    round(net * tax_share::decimal(4, 2), 2)::decimal(18, 2);

-- The better tiers earn a bonus at the end of the year.
create or replace macro rebate_of(net, kind, tier) as
    round(net * case when kind = 'SOLD_TO' and tier in ('S1', 'S2') then 0.02 else 0.00 end, 2)::decimal(18, 2);

create or replace temp table document_kind as
select * from (values
    ('INVOICE', '', 1, 0), ('CANCEL', 'X', -1, 4), ('INVOICE', 'R', 1, 5)
) as t(invoice_type, suffix, sign, days_after);

create or replace temp table shipment_invoice as
with routed as (
    select
        s.*,
        s.is_billed_monthly and not s.is_late_fact and s.left_day < (month.next_day + 4) as is_monthly_bill,
        month.next_day + 4 as monthly_day
    from shipments as s
    inner join month on month.month_no = s.month_no
)
select
    shipment_no, cust, bill_to, company_code, currency, payment_terms_days, pays_late_days, kind, known_at,
    tax_share, is_monthly_bill,
    case when is_monthly_bill then 'IM' || lpad(cust::varchar, 6, '0') || lpad(month_no::varchar, 3, '0')
        else 'IN' || lpad(shipment_no::varchar, 10, '0') end as invoice_base,
    case
        when is_monthly_bill then not_sunday(monthly_day)
        when u('posted late', shipment_no) < 0.05 then left_day + (3 + pick('posted', shipment_no, 8))::int
        else left_day + pick('posted', shipment_no, 3)::int
    end::date as posting_date,
    not is_monthly_bill and u('reissued', shipment_no) < 0.003 as is_reissued
from routed;

-- One row per shipment and document: a reissued invoice has three documents. Amounts are turned
-- into the currency of the posting company at the rate of the posting date.
create or replace temp table billing as
with documents as (
    select
        i.shipment_no, i.cust, i.bill_to, i.company_code, i.currency, i.kind, i.tax_share, i.is_monthly_bill,
        i.payment_terms_days, i.pays_late_days, k.invoice_type, k.sign,
        i.invoice_base || k.suffix as invoice_id,
        case when k.suffix <> '' then i.invoice_base end as ref_invoice_id,
        i.is_reissued and k.suffix = '' as is_void,
        d.posting_date,
        greatest(i.known_at, d.posting_date::timestamp + interval 20 hour) as known_at
    from shipment_invoice as i
    inner join document_kind as k on k.suffix = '' or i.is_reissued
    -- First invoices are posted by a nightly job, on Sundays too; corrections are made by people.
    cross join lateral (
        select case when k.suffix = '' then i.posting_date
            else not_sunday(i.posting_date + k.days_after) end::date as posting_date
    ) as d
    where d.posting_date < getvariable('end_at')::date
)
select
    d.* exclude (known_at),
    -- A monthly bill leaves when its last shipment is known.
    max(d.known_at) over (partition by d.invoice_id) as known_at,
    r.rate as local_rate
from documents as d
inner join local_currency as l on l.company_code = d.company_code
inner join rate as r
    on r.from_currency = d.currency and r.to_currency = l.currency and r.day = d.posting_date;

create or replace temp table invoice_lines as
select
    b.invoice_id, b.invoice_type, b.ref_invoice_id, b.posting_date, b.cust, b.bill_to, b.is_void,
    b.company_code, b.currency, b.payment_terms_days, b.pays_late_days, b.sign, b.kind, b.is_monthly_bill,
    b.local_rate, b.tax_share, b.known_at, p.order_no, p.line_no as order_line_no, p.shipment_no,
    p.line_no as shipment_line_no, p.piece_key, p.product, p.uom, p.units, p.return_share, p.delivered_at,
    p.tier, p.qty * b.sign as qty,
    (p.list_price * (p.qty * b.sign)::decimal(6, 0))::decimal(18, 2) as gross,
    round(p.net_price * (p.qty * b.sign)::decimal(6, 0), 2)::decimal(18, 2) as net,
    round(c.unit_cost * (p.qty * p.units * b.sign)::decimal(9, 0), 2)::decimal(18, 2) as cogs,
    p.line_no as line_no,
    null::varchar as reason_code
from pieces as p
inner join billing as b on b.shipment_no = p.shipment_no
inner join standard_cost as c
    on c.product = p.product and c.company_code = p.company_code and c.year = year(p.departed_at);

-- A monthly bill numbers the lines of all its shipments.
update invoice_lines
set line_no = n.line_no
from (
    select
        invoice_id, piece_key,
        row_number() over (partition by invoice_id order by shipment_no, order_line_no) as line_no
    from invoice_lines
    where is_monthly_bill
) as n
where invoice_lines.is_monthly_bill
    and n.invoice_id = invoice_lines.invoice_id
    and n.piece_key = invoice_lines.piece_key;

-- Price corrections: a part of a line's value is credited, more rarely charged.
insert into invoice_lines by name
with picked as (
    select
        *, u('correction', piece_key) < 0.004 as is_credit,
        not_sunday(posting_date + 10 + pick('corrected', piece_key, 30)::int)::date as corrected_on,
        round(net * 0.05, 2)::decimal(18, 2) as amount
    from invoice_lines
    where invoice_type = 'INVOICE' and ref_invoice_id is null and not is_void
        and u('correction', piece_key) < 0.005
)
select
    case when p.is_credit then 'CP' else 'DP' end || lpad(p.piece_key::varchar, 12, '0') as invoice_id,
    case when p.is_credit then 'CREDIT' else 'DEBIT' end as invoice_type,
    p.invoice_id as ref_invoice_id, p.corrected_on as posting_date, p.cust, p.bill_to, false as is_void,
    p.company_code, p.currency, 0 as payment_terms_days, case when p.is_credit then -1 else 1 end as sign,
    p.kind, p.tier, p.order_no, p.order_line_no, p.product, p.piece_key, p.tax_share,
    case when p.is_credit then -p.amount else p.amount end as gross,
    case when p.is_credit then -p.amount else p.amount end as net,
    r.rate as local_rate,
    greatest(p.known_at, p.corrected_on::timestamp + interval 20 hour) as known_at,
    1 as line_no, 'PRICE' as reason_code
from picked as p
inner join local_currency as l on l.company_code = p.company_code
inner join rate as r
    on r.from_currency = p.currency and r.to_currency = l.currency and r.day = p.corrected_on
where p.amount > 0;
