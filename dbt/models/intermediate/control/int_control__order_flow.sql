{{ config(materialized='view') }}

{#-
    R-06, R-08 and R-14: what was ordered against the report of bookings, what was shipped against what was
    invoiced, what was invoiced against the basis of commissions. Compared cell by cell, so that errors of
    two customers never cancel out; the worst cells have rows of their own. R-06 and R-14 look back over so
    many periods only: their cost does not grow with history.
-#}
with

limits as (

    select
        {{ gate_limit('R-06', 'tolerance_share') }} as booking_share,
        {{ gate_limit('R-14', 'tolerance_share') }} as commission_share,
        {{ gate_limit('R-06', 'tolerance_amount') }} as tolerance_amount,
        {{ gate_limit('R-06', 'months') }} as months_back,
        {{ gate_limit('R-14', 'months') }} as commission_months,
        {{ gate_limit('R-08', 'open_days') }} as open_days,
        {{ gate_limit('R-08', 'overdue_days') }} as overdue_days

),

calendars as (

    select company_code, calendar_id from {{ ref('int_calendar__company') }}

),

common_calendar as (

    select max(case when company_code = '*' then calendar_id end) as calendar_id from calendars

),

ended_periods as (

    select period.calendar_id, period.fiscal_period_id, period.start_date, period.end_date
    from {{ ref('int_calendar__fiscal_period') }} as period
    cross join limits
    where period.end_date <= {{ add_days(as_of(), 1) }}
        and period.start_date >= {{ add_months(as_of(), '-1 - limits.months_back') }}

),

period_days as (

    select period.calendar_id, period.fiscal_period_id, day.calendar_date
    from ended_periods as period
    inner join {{ ref('int_calendar__date') }} as day
        on day.calendar_date >= period.start_date
        and day.calendar_date < period.end_date

),

period_ends as (

    select fiscal_period_id, max(end_date) as end_date from ended_periods group by fiscal_period_id

),

-- A period that was reported more than once counts as it was reported last.
last_reports as (

    select report.fiscal_period_id, max(report.report_date) as report_date
    from {{ ref('stg_sales_ops__bookings_report') }} as report
    inner join period_ends on report.fiscal_period_id = period_ends.fiscal_period_id
    group by report.fiscal_period_id

),

booked as (

    select report.fiscal_period_id, report.customer_id, report.currency, sum(report.booked_net_amount) as amount
    from {{ ref('stg_sales_ops__bookings_report') }} as report
    inner join last_reports
        on report.fiscal_period_id = last_reports.fiscal_period_id
        and report.report_date = last_reports.report_date
    group by report.fiscal_period_id, report.customer_id, report.currency

),

-- First entry and every change of quantity or price since; what was cancelled stays booked.
ordered as (

    select day.fiscal_period_id, line.customer_id, line.currency, sum(line.net_amount) as amount
    from {{ ref('int_order__line_checked') }} as line
    cross join limits
    left join calendars as own on line.sales_org = own.company_code
    cross join common_calendar
    inner join period_days as day
        on coalesce(own.calendar_id, common_calendar.calendar_id) = day.calendar_id
        and line.ordered_date = day.calendar_date
    inner join last_reports on day.fiscal_period_id = last_reports.fiscal_period_id
    where line.ordered_date >= {{ add_months(as_of(), '-1 - limits.months_back') }}
    group by day.fiscal_period_id, line.customer_id, line.currency

),

settled_periods as (

    select fiscal_period_id, min(start_date) as start_date
    from ended_periods
    cross join limits
    where start_date >= {{ add_months(as_of(), '-1 - limits.commission_months') }}
    group by fiscal_period_id

),

settled as (

    select
        fiscal_period_id,
        sales_rep_id,
        currency,
        sum(basis_amount) as amount
    from {{ ref('stg_sales_ops__commission') }}
    where basis = 'NET_REVENUE'
        and fiscal_period_id in (select settled_periods.fiscal_period_id from settled_periods)
    group by fiscal_period_id, sales_rep_id, currency

),

invoiced as (

    select line.fiscal_period_id, placed.sales_rep_id, line.currency, sum(line.net_amount) as amount
    from {{ ref('int_invoice__line_checked') }} as line
    inner join {{ ref('int_order__header') }} as placed on line.order_id = placed.order_id
    where line.fiscal_period_id in (select settled.fiscal_period_id from settled)
        -- A document may be posted a little before or after the period that it states.
        and line.posting_date >= (select {{ add_days('min(settled_periods.start_date)', '-31') }} from settled_periods)
        and placed.sales_rep_id is not null
        and not line.is_intercompany
    group by line.fiscal_period_id, placed.sales_rep_id, line.currency

),

sides as (

    select 'R-06' as control_id, fiscal_period_id, customer_id as name, currency, amount as left_value, 0 as right_value from ordered
    union all
    select 'R-06', fiscal_period_id, customer_id, currency, 0, amount from booked
    union all
    select 'R-14', fiscal_period_id, sales_rep_id, currency, amount, 0 from settled
    union all
    select 'R-14', fiscal_period_id, sales_rep_id, currency, 0, amount from invoiced

),

summed as (

    select control_id, fiscal_period_id, name, currency, sum(left_value) as left_value, sum(right_value) as right_value
    from sides
    group by control_id, fiscal_period_id, name, currency

),

cells as (

    select
        summed.control_id,
        case when summed.control_id = 'R-06' then 'HIGH' else 'MEDIUM' end as severity,
        summed.fiscal_period_id,
        period_ends.end_date,
        'period=' || summed.fiscal_period_id || (case when summed.control_id = 'R-06' then '|customer=' else '|rep=' end)
            || summed.name || '|currency=' || summed.currency as dimension,
        summed.left_value,
        summed.right_value,
        greatest(
            case when summed.control_id = 'R-06' then limits.booking_share else limits.commission_share end
            * abs(summed.right_value),
            limits.tolerance_amount
        ) as tolerance
    from summed
    cross join limits
    inner join period_ends on summed.fiscal_period_id = period_ends.fiscal_period_id

),

broken_cells as (

    select
        *,
        row_number() over (partition by control_id order by abs(left_value - right_value) - tolerance desc, dimension asc) as rank_no
    from cells
    where abs(left_value - right_value) > tolerance

),

judged_periods as (

    select
        size.control_id,
        size.severity,
        size.fiscal_period_id,
        size.end_date,
        size.cell_count,
        count(broken_cells.dimension) as broken_count,
        coalesce(sum(case when broken_cells.rank_no > {{ sample_size() }} then 1 else 0 end), 0) as unlisted_count
    from (
        select control_id, severity, fiscal_period_id, end_date, count(*) as cell_count
        from cells
        group by control_id, severity, fiscal_period_id, end_date
    ) as size
    left join broken_cells
        on size.control_id = broken_cells.control_id
        and size.fiscal_period_id = broken_cells.fiscal_period_id
    group by size.control_id, size.severity, size.fiscal_period_id, size.end_date, size.cell_count

),

-- Goods that come back are netted where both sides tell of them.
returns_known as (

    select returned.has_returns and credited.has_credits as has_returns
    from (select count(*) > 0 as has_returns from {{ ref('stg_wms__return_line') }}) as returned
    cross join (
        select count(*) > 0 as has_credits from {{ ref('stg_erp__invoice') }} where invoice_type = 'CREDIT'
    ) as credited

),

open_lines as (

    select
        line.order_id,
        line.line_no,
        line.last_moved_date,
        line.shipped_base_qty - case when returns_known.has_returns then line.returned_base_qty else 0 end as shipped_qty,
        line.invoiced_base_qty - case when returns_known.has_returns then line.credited_base_qty else 0 end as invoiced_qty,
        line.shipped_base_qty = 0 as is_billed_only,
        {{ days_between('line.last_moved_date', as_of()) }} as open_days
    from {{ ref('int_control__order_balance') }} as line
    cross join returns_known
    cross join {{ ref('int_invoice__coverage') }} as coverage
    where coverage.has_invoices

),

unequal_lines as (

    select
        line.*,
        line.open_days > limits.open_days as is_listed,
        -- What was billed and never left is for a person to look at: it may be kept for the customer.
        line.open_days > limits.overdue_days and not line.is_billed_only as is_overdue,
        row_number() over (order by line.open_days desc, abs(line.shipped_qty - line.invoiced_qty) desc, line.order_id asc, line.line_no asc) as rank_no
    from open_lines as line
    cross join limits
    where line.shipped_qty <> line.invoiced_qty

),

line_totals as (

    select
        coalesce(sum(case when is_overdue and rank_no > {{ sample_size() }} then 1 else 0 end), 0) as unlisted_count,
        coalesce(sum(case when is_overdue then 1 else 0 end), 0) as overdue_count,
        coalesce(sum(case when is_listed then 1 else 0 end), 0) as listed_count,
        count(*) as open_count
    from unequal_lines

),

results as (

    select
        {{ control_result(
            'control_id', 'severity', 'dimension', 'left_value', 'right_value',
            "case
                when control_id = 'R-06' then 'net value of order lines against the report of bookings, in document currency'
                else 'basis of commissions against net invoices of the orders of the representative, in document currency'
            end",
            tolerance='tolerance', period='fiscal_period_id', opened='end_date', status="'FAIL'"
        ) }}
    from broken_cells
    where rank_no <= {{ sample_size() }}

    union all

    select
        {{ control_result(
            'control_id', 'severity', "'period=' || fiscal_period_id",
            'unlisted_count', '0',
            "cast(cell_count as string) || (case when control_id = 'R-06' then ' customers' else ' representatives' end)
                || ' compared, ' || cast(broken_count as string) || ' differ and stand in rows of their own'",
            period='fiscal_period_id', opened='end_date'
        ) }}
    from judged_periods

    union all

    select
        {{ control_row(
            'R-08', 'HIGH', "'order=' || order_id || '|line=' || cast(line_no as string)", 'shipped_qty', 'invoiced_qty',
            "case when is_billed_only then 'invoiced, and nothing was shipped' else 'shipped less returned against invoiced less credited' end
                || ', in base units; open for ' || cast(open_days as string) || ' days'",
            opened='last_moved_date', status="case when is_overdue then 'FAIL' else 'WARN' end"
        ) }}
    from unequal_lines
    where is_listed and rank_no <= {{ sample_size() }}

    union all

    select
        {{ control_row(
            'R-08', 'HIGH', "'all'", 'unlisted_count', '0',
            "cast(open_count as string) || ' order lines are not invoiced as they were shipped, '
                || cast(listed_count as string) || ' for longer than they may, ' || cast(overdue_count as string) || ' overdue'"
        ) }}
    from line_totals
    cross join {{ ref('int_invoice__coverage') }} as coverage
    where coverage.has_invoices

),

feed_sizes as (

    select
        (select count(*) from {{ ref('stg_sales_ops__bookings_report') }}) as reports,
        (select count(*) from {{ ref('stg_sales_ops__commission') }}) as commissions,
        (select count(*) from {{ ref('int_invoice__coverage') }} as coverage where coverage.has_invoices) as invoices

)

select * from results

union all

{{ nothing_compared('R-06', 'HIGH', 'results', ['reports'], 'no report of bookings was delivered') }}

union all

{{ nothing_compared('R-08', 'HIGH', 'results', ['invoices'], 'no invoice was delivered') }}

union all

{{ nothing_compared('R-14', 'MEDIUM', 'results', ['commissions', 'invoices'], 'no commission or no invoice was delivered') }}
