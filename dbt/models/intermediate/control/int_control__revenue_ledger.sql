{{ config(materialized='view') }}

{#-
    Right: the ledger's revenue accounts. Left: complete lines and rejected lines that have a local
    amount. A rejected line without any rate counts with the rate that the ERP states, else the last
    one known, and widens the tolerance: its missing rate is R-16's business.
-#}
with

account_map as (

    select account, statement_line from {{ ref('stg_finance__gl_account_map') }}

),

complete_lines as (

    select company_code, fiscal_period_id, gl_account, sum(net_amount_local) as amount, count(*) as line_count
    from {{ ref('int_invoice__line') }}
    group by company_code, fiscal_period_id, gl_account

),

estimated_lines as (

    select
        line.company_code,
        line.fiscal_period_id,
        line.gl_account,
        line.net_amount * coalesce(
            case
                when line.local_currency = '{{ var("group_currency") }}' then line.stated_fx_rate_to_group
            end,
            max_by(rate.rate, rate.rate_date),
            0
        ) as amount
    from {{ ref('int_invoice__line_rejected') }} as line
    left join {{ ref('int_currency__rate') }} as rate
        on line.currency = rate.from_currency
        and line.local_currency = rate.to_currency
        and line.posting_date > rate.rate_date
        and {{ add_days('line.posting_date', -31) }} < rate.rate_date
    where line.net_amount_local is null
        and line.company_code is not null
    group by
        line.invoice_id, line.line_no, line.company_code, line.fiscal_period_id, line.gl_account,
        line.net_amount, line.local_currency, line.stated_fx_rate_to_group

),

parts as (

    select company_code, fiscal_period_id, gl_account, amount, line_count, 0 as estimated_amount
    from complete_lines

    union all

    select company_code, fiscal_period_id, gl_account, net_amount_local, 1, 0
    from {{ ref('int_invoice__line_rejected') }}
    where net_amount_local is not null

    union all

    select company_code, fiscal_period_id, gl_account, amount, 1, abs(amount)
    from estimated_lines

),

documents as (

    select
        part.company_code,
        part.fiscal_period_id,
        part.gl_account as account,
        sum(part.amount) as amount,
        sum(part.line_count) as line_count,
        sum(part.estimated_amount) as estimated_amount
    from parts as part
    left join account_map on part.gl_account = account_map.account
    where coalesce(account_map.statement_line, 'REVENUE') in ('REVENUE', 'REVENUE_INTERCOMPANY')
    group by part.company_code, part.fiscal_period_id, part.gl_account

),

ledger as (

    select balance.company_code, balance.fiscal_period_id, balance.account, sum(balance.amount_local) as amount
    from {{ ref('stg_finance__gl_balance') }} as balance
    inner join account_map on balance.account = account_map.account
    where account_map.statement_line in ('REVENUE', 'REVENUE_INTERCOMPANY')
    group by balance.company_code, balance.fiscal_period_id, balance.account

),

ledger_periods as (

    select distinct company_code, fiscal_period_id from ledger

),

limits as (

    select
        {{ gate_limit('R-01', 'tolerance_share') }} as tolerance_share,
        {{ gate_limit('R-01', 'tolerance_amount') }} as tolerance_amount,
        {{ gate_limit('R-01', 'ledger_due_days') }} as ledger_due_days

),

keys as (

    select company_code, fiscal_period_id, account from documents
    union
    select company_code, fiscal_period_id, account from ledger

),

compared as (

    select
        keys.company_code,
        keys.fiscal_period_id,
        keys.account,
        coalesce(documents.amount, 0) as document_amount,
        coalesce(ledger.amount, 0) as ledger_amount,
        coalesce(documents.line_count, 0) as line_count,
        coalesce(documents.estimated_amount, 0) as estimated_amount,
        period.end_date,
        greatest(limits.tolerance_share * abs(coalesce(ledger.amount, 0)), limits.tolerance_amount)
            + coalesce(documents.estimated_amount, 0) * 0.05 as tolerance
    from keys
    cross join limits
    left join documents
        on keys.company_code = documents.company_code
        and keys.fiscal_period_id = documents.fiscal_period_id
        and keys.account = documents.account
    left join ledger
        on keys.company_code = ledger.company_code
        and keys.fiscal_period_id = ledger.fiscal_period_id
        and keys.account = ledger.account
    left join {{ ref('int_calendar__company') }} as company on keys.company_code = company.company_code
    left join {{ ref('int_calendar__fiscal_period') }} as period
        on company.calendar_id = period.calendar_id
        and keys.fiscal_period_id = period.fiscal_period_id
    left join ledger_periods
        on keys.company_code = ledger_periods.company_code
        and keys.fiscal_period_id = ledger_periods.fiscal_period_id
    -- A period that still runs is not compared, nor one whose ledger is not due yet.
    where coalesce(period.end_date <= {{ add_days(as_of(), 1) }}, true)
        and (
            ledger_periods.company_code is not null
            or coalesce({{ add_days('period.end_date', 'limits.ledger_due_days') }} <= {{ as_of() }}, true)
        )

),

results as (

    select
        {{ control_row(
            'R-01', 'CRITICAL',
            "'company=' || company_code || '|period=' || fiscal_period_id || '|account=' || account",
            'document_amount', 'ledger_amount',
            "cast(line_count as string) || ' document lines against the ledger'
                || (case when estimated_amount > 0 then '; some lines have no rate and are estimated' else '' end)",
            tolerance='tolerance', company='company_code', period='fiscal_period_id', opened='end_date'
        ) }}
    from compared
    where exists (select 1 from ledger)

),

nothing_to_compare as (

    select
        {{ control_row(
            'R-01', 'CRITICAL', "'all'", '0', '0',
            "case when ledger_count = 0 then 'no ledger was delivered' else 'no document period is closed yet' end",
            status="case when ledger_count = 0 or document_count = 0 then 'NO_DATA' else 'PASS' end"
        ) }}
    from (select count(*) as ledger_count from ledger) as ledger_size
    cross join (select count(*) as document_count from documents) as document_size
    where not exists (select 1 from results)

)

select * from results
union all
select * from nothing_to_compare
