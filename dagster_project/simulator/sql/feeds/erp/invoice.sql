with versions as (
    select
        *,
        unnest(case
            when paid_on is null or paid_known_at >= getvariable('end_at') then [1]
            when window_of(known_at) = window_of(paid_known_at) then [2]
            else [1, 2]
        end) as version
    from invoices
)
select
    invoice_id,
    invoice_type,
    ref_invoice_id,
    customer_code(bill_to) as bill_to_customer_id,
    customer_code(cust) as sold_to_customer_id,
    posting_date,
    period_of(posting_date) as fiscal_period_id,
    currency,
    group_rate as fx_rate_to_group,
    net::decimal(18, 4) as net_amount,
    tax::decimal(18, 4) as tax_amount,
    freight::decimal(18, 4) as freight_charged_amount,
    due_on as due_date,
    case when version = 2 then paid_on end as paid_date,
    company_code,
    kind = 'INTERCOMPANY' as is_intercompany,
    window_of(case when version = 2 then paid_known_at else known_at end) as _window
from versions
