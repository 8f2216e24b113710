-- Goods that come back and the credits given for them.

create or replace temp table returns as
with candidates as (
    select
        i.*,
        i.delivered_at + to_seconds(86400 * (3 + pick('returned', i.piece_key, 42)) + pick('return hour', i.piece_key, 28800))
            as received_at,
        u('return why', i.piece_key) as why,
        greatest(1, floor(i.qty * u('return part', i.piece_key)))::bigint as returned_qty
    from invoice_lines as i
    where i.invoice_type = 'INVOICE' and i.ref_invoice_id is null and not i.is_void and i.kind <> 'INTERCOMPANY'
        and u('return', i.piece_key) < 0.02 * i.return_share
),
credited as (
    select
        * exclude (qty, gross, net, cogs, known_at, local_rate),
        qty as invoiced_qty,
        greatest(received_at, known_at) as known_at,
        (gross / qty)::decimal(18, 6) as unit_gross,
        net as invoiced_net, cogs as invoiced_cogs, gross as invoiced_gross,
        not_sunday(received_at::date + 2 + pick('credited', piece_key, 10)::int)::date as credited_on
    from candidates
    where received_at < getvariable('end_at')
)
select
    *,
    case when why < 0.30 then 'DAMAGE' when why < 0.42 then 'WRONG_ITEM' when why < 0.52 then 'WRONG_QTY'
        when why < 0.57 then 'DOC' when why < 0.60 then 'LABEL' else 'CHANGE_OF_MIND' end as reason,
    case when why < 0.30 then 'SCRAP' when why < 0.60 then 'RESTOCK' else 'RESTOCK_FEE' end as disposition,
    round(invoiced_gross * returned_qty / invoiced_qty, 2)::decimal(18, 2) as credit_gross,
    round(invoiced_net * returned_qty / invoiced_qty, 2)::decimal(18, 2) as credit_net,
    round(invoiced_cogs * returned_qty / invoiced_qty, 2)::decimal(18, 2) as credit_cogs,
    credited_on < getvariable('end_at')::date as is_credited
from credited;

insert into invoice_lines by name
select
    'CN' || lpad(c.piece_key::varchar, 12, '0') as invoice_id, 'CREDIT' as invoice_type,
    c.invoice_id as ref_invoice_id, c.credited_on as posting_date, c.cust, c.bill_to, false as is_void,
    c.company_code, c.currency, 0 as payment_terms_days, -1 as sign, c.kind, c.tier, c.order_no, c.order_line_no,
    c.product, c.piece_key, c.tax_share, c.uom, c.units, -c.returned_qty as qty, -c.credit_gross as gross,
    -c.credit_net as net, -c.credit_cogs as cogs, r.rate as local_rate,
    greatest(c.known_at, c.credited_on::timestamp + interval 20 hour) as known_at,
    1 as line_no, c.reason as reason_code
from returns as c
inner join local_currency as l on l.company_code = c.company_code
inner join rate as r
    on r.from_currency = c.currency and r.to_currency = l.currency and r.day = c.credited_on
where c.is_credited;

create or replace temp table invoices as
with summed as (
    select
        invoice_id, any_value(invoice_type) as invoice_type, any_value(ref_invoice_id) as ref_invoice_id,
        any_value(cust) as cust, any_value(bill_to) as bill_to, any_value(posting_date) as posting_date,
        any_value(currency) as currency, any_value(company_code) as company_code, any_value(kind) as kind,
        any_value(payment_terms_days) as payment_terms_days, any_value(pays_late_days) as pays_late_days,
        any_value(is_void) as is_void, any_value(local_rate) as local_rate,
        max(known_at) as known_at, sum(net)::decimal(18, 2) as net, sum(tax_of(net, tax_share))::decimal(18, 2) as tax,
        any_value(sign) as sign
    from invoice_lines
    group by invoice_id
),
terms as (
    select
        *,
        posting_date + payment_terms_days::int as due_on,
        -- Small deliveries are charged for freight.
        case when sign > 0 and invoice_type = 'INVOICE' and kind <> 'INTERCOMPANY' and net > 0 and net < 400
                and not is_void and ref_invoice_id is null
            then 15.00 else 0 end::decimal(18, 2) as freight,
        (posting_date + payment_terms_days::int
            + floor(pays_late_days * u('pays', hash(invoice_id) >> 24))::int)::date as pays_on
    from summed
)
select
    * exclude (pays_on),
    g.rate as group_rate,
    case when invoice_type = 'INVOICE' and not is_void and pays_on < getvariable('end_at')::date
        then pays_on end as paid_on,
    greatest(known_at, pays_on::timestamp + interval 19 hour) as paid_known_at
from terms as t
inner join rate as g
    on g.from_currency = t.currency and g.to_currency = 'EUR' and g.day = t.posting_date;
