{{ config(materialized='view') }}

{#-
    R-02, R-03 and R-11: what documents say against accounts of the ledger. Documents do not name the
    account of a discount or a cost, so the finest level that both sides have is company, period and
    statement line (freight: currency, as a carrier's bill names no company). Rejected lines count where
    they have an amount: that they are missing elsewhere is the business of other controls. So many periods
    are compared that the cost does not grow with history.
-#}
{%- set group_currency = "'" ~ var('group_currency') ~ "'" -%}
{%- set lines = {
    'DISCOUNT': ('R-02', 'HIGH', 'discount_amount'),
    'REBATE': ('R-02', 'HIGH', 'rebate_amount'),
    'FREIGHT_RECOVERED': ('R-02', 'HIGH', 'freight_amount'),
    'COGS': ('R-03', 'HIGH', 'cogs_amount'),
} -%}
with

limits as (

    select
        {{ gate_limit('R-02', 'tolerance_share') }} as deduction_share,
        {{ gate_limit('R-03', 'tolerance_share') }} as cogs_share,
        {{ gate_limit('R-11', 'tolerance_share') }} as freight_share,
        {{ gate_limit('R-02', 'tolerance_amount') }} as tolerance_amount,
        {{ gate_limit('R-01', 'ledger_due_days') }} as ledger_due_days,
        {{ gate_limit('R-11', 'billing_days') }} as billing_days,
        {{ add_months(as_of(), '-1 - ' ~ gate_limit('R-02', 'months')) }} as first_date

),

account_map as (

    select account, statement_line from {{ ref('stg_finance__gl_account_map') }}
    where statement_line in ('DISCOUNT', 'REBATE', 'FREIGHT_RECOVERED', 'COGS', 'FREIGHT')

),

mapped_lines as (

    select distinct statement_line from account_map

),

periods as (

    select
        company.company_code,
        company.local_currency,
        company.calendar_id,
        period.fiscal_period_id,
        period.start_date,
        period.end_date
    from {{ ref('int_calendar__company') }} as company
    inner join {{ ref('int_calendar__fiscal_period') }} as period on company.calendar_id = period.calendar_id
    where period.end_date > (select limits.first_date from limits)

),

ledger as (

    select
        balance.company_code,
        balance.fiscal_period_id,
        account_map.statement_line,
        min(balance.currency) as currency,
        sum(balance.amount_local) as amount
    from {{ ref('stg_finance__gl_balance') }} as balance
    inner join account_map on balance.account = account_map.account
    inner join periods as period
        on balance.company_code = period.company_code
        and balance.fiscal_period_id = period.fiscal_period_id
    group by balance.company_code, balance.fiscal_period_id, account_map.statement_line

),

freight_accounts as (

    select account from account_map where statement_line = 'FREIGHT_RECOVERED'

),

-- A line without a rate counts with the rate that the ERP states, where local and group currency are one.
line_sums as (

    select
        line.company_code,
        line.fiscal_period_id,
        {% for name in ['discount', 'rebate'] -%}
        sum(coalesce(
            line.{{ name }}_amount_local,
            case when line.local_currency = {{ group_currency }} then {{ money(times('line.' ~ name ~ '_amount', 'line.stated_fx_rate_to_group')) }} end
        )) as {{ name }}_amount,
        {% endfor -%}
        sum(line.cogs_amount_local) as cogs_amount,
        sum(case when freight.account is not null then line.net_amount_local end) as freight_amount,
        count(*) as line_count,
        sum(case when line.invoiced_qty is not null and line.cogs_amount_local is null then 1 else 0 end) as costless_count
    from {{ ref('int_invoice__line_checked') }} as line
    inner join periods as period
        on line.company_code = period.company_code
        and line.fiscal_period_id = period.fiscal_period_id
    left join freight_accounts as freight on line.gl_account = freight.account
    -- A document may be posted a little before or after the period that it states.
    where line.posting_date >= {{ add_days('(select limits.first_date from limits)', -62) }}
    group by line.company_code, line.fiscal_period_id

),

-- Freight charged in the header of a document, unless lines of their own say it.
header_freight as (

    select
        invoice.company_code,
        coalesce(invoice.fiscal_period_id, period.fiscal_period_id) as fiscal_period_id,
        case
            when invoice.currency = company.local_currency then invoice.freight_charged_amount
            else {{ money(times('invoice.freight_charged_amount', 'rate.rate')) }}
        end as amount
    from {{ ref('stg_erp__invoice') }} as invoice
    left join {{ ref('int_calendar__company') }} as company on invoice.company_code = company.company_code
    -- Only a document that does not state its period is looked up by its day.
    left join periods as period
        on case when invoice.fiscal_period_id is null then invoice.company_code end = period.company_code
        and invoice.posting_date >= period.start_date
        and invoice.posting_date < period.end_date
    left join {{ ref('int_currency__rate') }} as rate
        on invoice.currency <> company.local_currency
        and invoice.currency = rate.from_currency
        and company.local_currency = rate.to_currency
        and invoice.posting_date = rate.rate_date
    where invoice.freight_charged_amount <> 0
        and invoice.posting_date >= {{ add_days('(select limits.first_date from limits)', -62) }}
        and invoice.invoice_id not in (
            select line.invoice_id from {{ ref('stg_erp__invoice_line') }} as line
            inner join freight_accounts on line.gl_account = freight_accounts.account
        )

),

documents as (

    {% for statement_line, (control_id, severity, column) in lines.items() -%}
    select
        company_code,
        fiscal_period_id,
        '{{ statement_line }}' as statement_line,
        coalesce({{ column }}, 0) as amount,
        line_count,
        costless_count
    from line_sums

    union all

    {% endfor -%}
    select charged.company_code, charged.fiscal_period_id, 'FREIGHT_RECOVERED', sum(charged.amount), 0, 0
    from header_freight as charged
    inner join periods as period
        on charged.company_code = period.company_code
        and charged.fiscal_period_id = period.fiscal_period_id
    group by charged.company_code, charged.fiscal_period_id

),

document_sums as (

    select
        company_code,
        fiscal_period_id,
        statement_line,
        sum(amount) as amount,
        sum(line_count) as line_count,
        sum(costless_count) as costless_count
    from documents
    group by company_code, fiscal_period_id, statement_line

),

ledger_periods as (

    select distinct company_code, fiscal_period_id from ledger

),

keys as (

    select company_code, fiscal_period_id, statement_line from document_sums
    union
    select company_code, fiscal_period_id, statement_line from ledger
    where statement_line <> 'FREIGHT'

),

compared as (

    select
        keys.company_code,
        keys.fiscal_period_id,
        keys.statement_line,
        coalesce(document_sums.amount, 0) as document_amount,
        coalesce(ledger.amount, 0) as ledger_amount,
        coalesce(document_sums.line_count, 0) as line_count,
        coalesce(document_sums.costless_count, 0) as costless_count,
        period.end_date,
        greatest(
            case when keys.statement_line = 'COGS' then limits.cogs_share else limits.deduction_share end
            * abs(coalesce(ledger.amount, 0)),
            limits.tolerance_amount
        ) as tolerance
    from keys
    cross join limits
    inner join mapped_lines on keys.statement_line = mapped_lines.statement_line
    left join document_sums
        on keys.company_code = document_sums.company_code
        and keys.fiscal_period_id = document_sums.fiscal_period_id
        and keys.statement_line = document_sums.statement_line
    left join ledger
        on keys.company_code = ledger.company_code
        and keys.fiscal_period_id = ledger.fiscal_period_id
        and keys.statement_line = ledger.statement_line
    inner join periods as period
        on keys.company_code = period.company_code
        and keys.fiscal_period_id = period.fiscal_period_id
    left join ledger_periods
        on keys.company_code = ledger_periods.company_code
        and keys.fiscal_period_id = ledger_periods.fiscal_period_id
    -- As with revenue: a period that still runs is not compared, nor one whose ledger is not due yet.
    where exists (select 1 from ledger)
        and period.end_date <= {{ add_days(as_of(), 1) }}
        and (
            ledger_periods.company_code is not null
            or {{ add_days('period.end_date', 'limits.ledger_due_days') }} <= {{ as_of() }}
        )

),

freight_ledger as (

    select
        ledger.currency,
        ledger.fiscal_period_id,
        min(period.end_date) as end_date,
        case when min(ledger.company_code) = max(ledger.company_code) then min(ledger.company_code) end as company_code,
        sum(ledger.amount) as amount
    from ledger
    left join periods as period
        on ledger.company_code = period.company_code
        and ledger.fiscal_period_id = period.fiscal_period_id
    where ledger.statement_line = 'FREIGHT'
    group by ledger.currency, ledger.fiscal_period_id

),

-- The periods in which freight of a currency is booked: those of the companies that keep books in it.
freight_periods as (

    select period.local_currency as currency, period.fiscal_period_id, period.start_date, period.end_date
    from periods as period
    inner join (
        select local_currency, min(calendar_id) as calendar_id from periods
        where local_currency in (select freight_ledger.currency from freight_ledger)
        group by local_currency
    ) as chosen
        on period.local_currency = chosen.local_currency
        and period.calendar_id = chosen.calendar_id
    group by period.local_currency, period.fiscal_period_id, period.start_date, period.end_date

),

-- Freight is owed for the day on which the goods left; what is billed later is the accrual.
carrier_bills as (

    select
        case when own.currency is null then {{ group_currency }} else bill.currency end as currency,
        cast(coalesce(shipment.departed_at, travelled.actual_pickup_at, cast(bill.invoice_date as timestamp)) as date) as service_date,
        bill.invoice_date,
        sum(case when own.currency is null then {{ money(times('bill.amount', 'rate.rate')) }} else bill.amount end) as amount
    from {{ ref('stg_tms__freight_invoice') }} as bill
    left join (select distinct currency from freight_ledger) as own on bill.currency = own.currency
    left join {{ ref('stg_wms__shipment') }} as shipment on bill.shipment_id = shipment.shipment_id
    left join {{ ref('stg_tms__load') }} as travelled
        on bill.load_id = travelled.load_id
        and bill.shipment_id is null
    left join {{ ref('int_currency__rate') }} as rate
        on own.currency is null
        and bill.currency = rate.from_currency
        and rate.to_currency = {{ group_currency }}
        and bill.invoice_date = rate.rate_date
    -- Nobody bills before the goods have left.
    where bill.invoice_date >= {{ add_days('(select limits.first_date from limits)', -62) }}
    group by 1, 2, 3

),

freight_bills as (

    select
        bill.currency,
        period.fiscal_period_id,
        period.end_date,
        sum(bill.amount) as amount,
        sum(case when bill.invoice_date >= period.end_date then bill.amount else 0 end) as accrued_amount
    from carrier_bills as bill
    inner join freight_periods as period
        on bill.currency = period.currency
        and bill.service_date >= period.start_date
        and bill.service_date < period.end_date
    group by bill.currency, period.fiscal_period_id, period.end_date

),

freight_keys as (

    select currency, fiscal_period_id from freight_bills
    union
    select currency, fiscal_period_id from freight_ledger

),

freight as (

    select
        keys.currency,
        keys.fiscal_period_id,
        booked.company_code,
        coalesce(bills.end_date, booked.end_date) as end_date,
        coalesce(bills.amount, 0) as bill_amount,
        coalesce(bills.accrued_amount, 0) as accrued_amount,
        coalesce(booked.amount, 0) as ledger_amount,
        greatest(limits.freight_share * abs(coalesce(booked.amount, 0)), limits.tolerance_amount) as tolerance
    from freight_keys as keys
    cross join limits
    left join freight_bills as bills
        on keys.currency = bills.currency
        and keys.fiscal_period_id = bills.fiscal_period_id
    left join freight_ledger as booked
        on keys.currency = booked.currency
        and keys.fiscal_period_id = booked.fiscal_period_id
    -- Carriers need time to bill: until then nobody can know what a period cost.
    where exists (select 1 from freight_ledger)
        and exists (select 1 from carrier_bills)
        and coalesce({{ add_days('coalesce(bills.end_date, booked.end_date)', 'limits.billing_days') }} <= {{ as_of() }}, true)

),

results as (

    select
        {{ control_result(
            "case when statement_line = 'COGS' then 'R-03' else 'R-02' end", "'HIGH'",
            "'company=' || company_code || '|period=' || fiscal_period_id || '|line=' || statement_line",
            'document_amount', 'ledger_amount',
            "cast(line_count as string) || ' document lines against the ledger'
                || (case when statement_line = 'COGS' and costless_count > 0
                    then '; ' || cast(costless_count as string) || ' of them have no cost' else '' end)",
            tolerance='tolerance', company='company_code', period='fiscal_period_id', opened='end_date'
        ) }}
    from compared

    union all

    select
        {{ control_row(
            'R-11', 'MEDIUM', "'currency=' || currency || '|period=' || fiscal_period_id",
            'bill_amount', 'ledger_amount',
            "'carrier bills for goods that left in the period against the ledger; billed after its end: '
                || cast(cast(accrued_amount as decimal(18, 2)) as string)",
            tolerance='tolerance', company='company_code', period='fiscal_period_id',
            opened=add_days('end_date', "(select limits.billing_days from limits)")
        ) }}
    from freight

),

feed_sizes as (

    select
        (select count(*) from mapped_lines where statement_line in ('DISCOUNT', 'REBATE', 'FREIGHT_RECOVERED')) as deduction_accounts,
        (select count(*) from mapped_lines where statement_line = 'COGS') as cogs_accounts,
        (select count(*) from mapped_lines where statement_line = 'FREIGHT') as freight_accounts,
        (select count(*) from ledger) as balances,
        (select count(*) from line_sums) as documents,
        (select count(*) from carrier_bills) as bills

)

select * from results

union all

{{ nothing_compared('R-02', 'HIGH', 'results', ['deduction_accounts', 'balances', 'documents'], 'no ledger, no document, or no account for a deduction') }}

union all

{{ nothing_compared('R-03', 'HIGH', 'results', ['cogs_accounts', 'balances', 'documents'], 'no ledger, no document, or no account for cost of goods') }}

union all

{{ nothing_compared('R-11', 'MEDIUM', 'results', ['freight_accounts', 'balances', 'bills'], 'no ledger, no carrier bill, or no account for freight') }}
