-- Documents of accounts receivable: invoices for what was shipped, cancelled and reissued ones,
-- price corrections. Returns add their credits in the next script.

create or replace temp table shipment_invoice as
with routed as (
    select
        s.*,
        s.is_billed_monthly and not s.is_late_fact
            and s.left_day < (month.next_day + 4) as is_monthly_bill,
        month.next_day + 4 as monthly_day
    from shipments as s
    inner join month on month.month_no = s.month_no
)
select
    shipment_no, order_no, cust, bill_to, company_code, currency, payment_terms_days, pays_late_days, kind,
    known_at, tax_share, is_monthly_bill,
    case when is_monthly_bill then 'IM' || lpad(cust::varchar, 6, '0') || lpad(month_no::varchar, 3, '0')
        else 'IN' || lpad(shipment_no::varchar, 10, '0') end as invoice_base,
    case
        when is_monthly_bill then not_sunday(monthly_day)
        when u('posted late', shipment_no) < 0.05 then left_day + (3 + pick('posted', shipment_no, 8))::int
        else left_day + pick('posted', shipment_no, 3)::int
    end::date as posting_date,
    not is_monthly_bill and u('reissued', shipment_no) < 0.003 as is_reissued
from routed;

create or replace temp table document_kind as
select * from (values
    ('INVOICE', '', 1, 0), ('CANCEL', 'X', -1, 4), ('INVOICE', 'R', 1, 5)
) as t(invoice_type, suffix, sign, days_after);

-- One row per shipment and document: a reissued invoice has three documents.
create or replace temp table billing as
select
    i.shipment_no, i.order_no, i.cust, i.bill_to, i.company_code, i.currency, i.kind, i.tax_share, i.is_monthly_bill,
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
order by i.shipment_no, k.days_after;

create or replace temp table invoice_lines as
with billed as (
    select
        b.invoice_id, b.invoice_type, b.ref_invoice_id, b.posting_date, b.cust, b.bill_to, b.is_void,
        b.company_code, b.currency, b.payment_terms_days, b.pays_late_days, b.sign, b.kind, b.is_monthly_bill,
        p.line_no as order_line_no, p.order_no, p.shipment_no, p.line_no as shipment_line_no, p.piece_key,
        p.product, p.uom, p.units, p.qty * b.sign as qty, p.return_share, p.delivered_at, p.tax_share, p.tier,
        (p.list_price * p.qty * b.sign)::decimal(18, 2) as gross,
        round(p.net_price * p.qty, 2)::decimal(18, 2) * b.sign as net,
        (round(c.unit_cost * p.qty * p.units, 2) * b.sign)::decimal(18, 2) as cogs,
        b.known_at
    from pieces as p
    inner join billing as b on b.shipment_no = p.shipment_no
    inner join standard_cost as c
        on c.product = p.product and c.company_code = p.company_code
        and c.year = year(p.departed_at)
)
select
    * exclude (known_at),
    max(known_at) over (partition by invoice_id) as known_at,
    case when is_monthly_bill
        then row_number() over (partition by invoice_id order by shipment_no, order_line_no)
        else order_line_no end as line_no,
    null::varchar as reason_code
from billed;

-- Price corrections: a part of a line's value is credited, more rarely charged.
create or replace temp table corrections as
with picked as (
    select *, u('correction', piece_key) as draw
    from invoice_lines
    where invoice_type = 'INVOICE' and ref_invoice_id is null and not is_void and net > 0
)
select
    case when draw < 0.004 then 'CP' else 'DP' end || lpad(piece_key::varchar, 12, '0') as invoice_id,
    case when draw < 0.004 then 'CREDIT' else 'DEBIT' end as invoice_type,
    case when draw < 0.004 then -1 else 1 end as sign,
    invoice_id as ref_invoice_id,
    not_sunday(posting_date + 10 + pick('corrected', piece_key, 30)::int)::date as corrected_on,
    cust, bill_to, company_code, currency, kind, tier, order_line_no, order_no, product, piece_key, tax_share,
    round(net * 0.05, 2)::decimal(18, 2) as amount, known_at
from picked
where draw < 0.005
    and not_sunday(posting_date + 10 + pick('corrected', piece_key, 30)::int) < getvariable('end_at')::date;

insert into invoice_lines by name
select
    invoice_id, invoice_type, ref_invoice_id, corrected_on as posting_date, cust, bill_to, false as is_void,
    company_code, currency, 0 as payment_terms_days, sign, kind, tier, order_line_no, order_no, product, piece_key,
    tax_share, amount * sign as gross, amount * sign as net,
    greatest(known_at, corrected_on::timestamp + interval 20 hour) as known_at,
    1 as line_no, 'PRICE' as reason_code
from corrections
where amount > 0;
