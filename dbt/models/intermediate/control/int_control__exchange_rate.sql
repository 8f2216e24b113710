{{ config(materialized='view') }}

with

rejected as (

    select 'erp.sales_order_line' as feed_name, detail
    from {{ ref('int_order__line_rejected') }}
    where reason = 'missing_rate'

    union all

    select 'erp.invoice_line', detail
    from {{ ref('int_invoice__line_rejected') }}
    where reason = 'missing_rate'

),

missing as (

    select
        feed_name,
        detail,
        count(*) as row_count,
        row_number() over (partition by feed_name order by count(*) desc, detail asc) as rank_no
    from rejected
    group by feed_name, detail

),

complete as (

    select 'erp.sales_order_line' as feed_name, count(*) as row_count from {{ ref('int_order__line') }}
    union all
    select 'erp.invoice_line', count(*) from {{ ref('int_invoice__line') }}

),

totals as (

    select
        complete.feed_name,
        complete.row_count,
        coalesce(sum(missing.row_count), 0) as missing_count
    from complete
    left join missing on complete.feed_name = missing.feed_name
    group by complete.feed_name, complete.row_count

),

-- The group amount must be the document amount times the rate beside it.
converted as (

    select
        currency,
        count(*) as line_count,
        coalesce(sum(case
            when abs(net_amount_group - {{ times('net_amount', 'fx_rate_to_group') }}) > {{ gate_limit('R-16', 'amount_tolerance') }} then 1
            else 0
        end), 0) as wrong_count
    from {{ ref('fct_invoice_line') }}
    group by currency

)

select
    {{ control_row(
        'R-16', 'HIGH', "'feed=' || feed_name", 'missing_count', '0',
        "cast(missing_count as string) || ' lines without a rate, ' || cast(row_count as string)
            || ' with one'"
    ) }}
from totals

union all

select
    {{ control_row('R-16', 'HIGH', "'feed=' || feed_name || '|' || detail", 'row_count', '0', "'lines that wait for this rate'") }}
from missing
where rank_no <= {{ sample_size() }}

union all

select
    {{ control_row(
        'R-16', 'HIGH', "'currency=' || currency", 'wrong_count', '0',
        "cast(line_count as string) || ' invoice lines, group amount against document amount times rate'"
    ) }}
from converted
