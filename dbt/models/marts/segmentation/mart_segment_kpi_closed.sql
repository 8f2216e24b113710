{%- set measures = [
    ('INVOICE_LINE', 'NET_REVENUE', 'net_amount_group'),
    ('INVOICE_LINE', 'GROSS_MARGIN', 'gross_margin_group'),
    ('INVOICE_LINE', 'INVOICE_LINES', '1'),
    ('ORDER_LINE', 'ORDER_LINES', '1'),
    ('SHIPMENT_LINE', 'SHIPMENT_LINES', '1')
] -%}

with

closed_periods as (

    select calendar_id, fiscal_period_id, closed_at, frozen_at
    from {{ ref('int_calendar__fiscal_period') }}
    where frozen_at is not null

),

group_days as (

    {{ frozen_days() }}

),

invoiced as (

    select
        company_code,
        fiscal_period_id,
        segment_at_event_key as segment_key,
        sum(net_amount_group) as net_amount_group,
        sum(case when cogs_amount_group is not null then net_amount_group - cogs_amount_group end) as gross_margin_group,
        count(*) as line_count
    from {{ ref('fct_invoice_line') }}
    group by company_code, fiscal_period_id, segment_at_event_key

),

ordered as (

    select
        ordered_date,
        segment_at_order_key as segment_key,
        count(*) as line_count
    from {{ ref('fct_order_line') }}
    group by ordered_date, segment_at_order_key

),

shipped as (

    select departed_date, segment_at_event_key as segment_key, count(*) as line_count
    from {{ ref('fct_shipment_line') }}
    group by departed_date, segment_at_event_key

),

totals as (

    select
        'INVOICE_LINE' as fact_type,
        company.calendar_id,
        invoiced.fiscal_period_id,
        invoiced.segment_key,
        invoiced.net_amount_group,
        invoiced.gross_margin_group,
        invoiced.line_count
    from invoiced
    inner join {{ ref('int_calendar__company') }} as company on invoiced.company_code = company.company_code

    union all

    select
        'ORDER_LINE', group_days.calendar_id, group_days.fiscal_period_id, ordered.segment_key,
        null, null, ordered.line_count
    from ordered
    inner join group_days on ordered.ordered_date = group_days.calendar_date

    union all

    select
        'SHIPMENT_LINE', group_days.calendar_id, group_days.fiscal_period_id, shipped.segment_key,
        null, null, shipped.line_count
    from shipped
    inner join group_days on shipped.departed_date = group_days.calendar_date

),

-- Restated is everything. Reported is without what came late, with what was counted elsewhere. Of a
-- line that came again only the new values are known, so no amount can be taken away for it.
signed as (

    select
        fact_type, calendar_id, fiscal_period_id, segment_key, net_amount_group, gross_margin_group,
        line_count, 1 as restated_sign, 1 as reported_sign, 0 as revised_count, 0 as restated_count
    from totals

    union all

    select
        fact_type, calendar_id, fiscal_period_id, segment_key, net_amount_group, gross_margin_group,
        1, 0, case when restatement_kind = 'FACT_REVISED' then 0 else -1 end,
        case when restatement_kind = 'FACT_REVISED' then 1 else 0 end, 1
    from {{ ref('mart_restatement') }}
    where restatement_kind <> 'CREDIT_OF_EARLIER_PERIOD'

    union all

    select
        fact_type, calendar_id, fiscal_period_id, reported_segment_key, net_amount_group, gross_margin_group,
        1, 0, 1, 0, 1
    from {{ ref('mart_restatement') }}
    where restatement_kind = 'SEGMENT_BACKDATED'

    union all

    -- A credit stays a document of its own period; its amounts go back to the period of the invoice.
    select
        fact_type, calendar_id, fiscal_period_id, segment_key, net_amount_group, gross_margin_group,
        0, 1, 0, 0, 1
    from {{ ref('mart_restatement') }}
    where restatement_kind = 'CREDIT_OF_EARLIER_PERIOD'

    union all

    select
        fact_type, calendar_id, posted_period_id, reported_segment_key, net_amount_group, gross_margin_group,
        0, -1, 0, 0, 1
    from {{ ref('mart_restatement') }}
    where restatement_kind = 'CREDIT_OF_EARLIER_PERIOD'

),

measured as (

    {% for fact_type, metric_id, amount in measures -%}
    {%- set value = 'line_count' if amount == '1' else amount -%}
    select
        calendar_id,
        fiscal_period_id,
        segment_key,
        '{{ metric_id }}' as metric_id,
        sum(cast({{ value }} as decimal(28, 4)) * reported_sign) as reported_value,
        sum(cast({{ value }} as decimal(28, 4)) * restated_sign) as restated_value,
        sum({{ 'restated_count * line_count' if amount == '1' else 'restated_count' }}) as restated_facts_count,
        {{ '0' if amount == '1' else 'sum(revised_count)' }} as revised_count
    from signed
    where fact_type = '{{ fact_type }}' and {{ value }} is not null
    group by calendar_id, fiscal_period_id, segment_key
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    measured.calendar_id,
    measured.fiscal_period_id,
    measured.segment_key,
    measured.metric_id,
    case when measured.revised_count = 0 then cast(measured.reported_value as decimal(28, 4)) end as as_reported_value,
    cast(measured.restated_value as decimal(28, 4)) as as_restated_value,
    case
        when measured.revised_count = 0
            then cast(measured.restated_value - measured.reported_value as decimal(28, 4))
    end as restatement_value,
    case
        when measured.revised_count > 0 then 'lines came again with other values; their earlier ones are not kept'
    end as reported_null_reason,
    cast(measured.restated_facts_count as bigint) as restated_facts_count,
    measured.restated_facts_count > 0 as is_restated,
    period.closed_at,
    period.frozen_at
from measured
inner join closed_periods as period
    on measured.calendar_id = period.calendar_id
    and measured.fiscal_period_id = period.fiscal_period_id
