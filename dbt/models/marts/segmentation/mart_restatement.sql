{%- set facts = [
    ('INVOICE_LINE', ref('fct_invoice_line'), 'invoice_id', 'line_no', "cast(0 as bigint)", 'posting_date',
        'segment_at_event_key', 'net_amount_group',
        'cast(case when cogs_amount_group is not null then net_amount_group - cogs_amount_group end as decimal(18, 4))'),
    ('ORDER_LINE', ref('fct_order_line'), 'order_id', 'line_no', 'schedule_no', 'ordered_date',
        'segment_at_order_key', 'net_amount_group', 'cast(null as decimal(18, 4))'),
    ('SHIPMENT_LINE', ref('fct_shipment_line'), 'shipment_id', 'line_no', "cast(0 as bigint)", 'departed_date',
        'segment_at_event_key', 'cast(null as decimal(18, 4))', 'cast(null as decimal(18, 4))')
] -%}

with

closed_periods as (

    select calendar_id, fiscal_period_id, end_date, closed_at, frozen_at
    from {{ ref('int_calendar__fiscal_period') }}
    where frozen_at is not null

),

group_days as (

    {{ frozen_days() }}

),

companies as (

    select company_code, calendar_id from {{ ref('int_calendar__company') }}

),

-- A decision that reaches back into a period whose figures stood already.
backdated as (

    select
        event.entity_id,
        period.calendar_id,
        period.fiscal_period_id,
        max(event.recorded_at) as recorded_at
    from {{ ref('fct_segment_event') }} as event
    inner join closed_periods as period
        on event.valid_from < period.end_date
        and event.recorded_at > period.frozen_at
    where event.scheme_id = '{{ fact_scheme() }}'
        and event.from_segment_code is not null
    group by event.entity_id, period.calendar_id, period.fiscal_period_id

),

-- A credit is posted in its own period, as in the ledger; what was earned belongs to its invoice's.
corrections as (

    select
        line.*,
        company.calendar_id
    from {{ ref('fct_invoice_line') }} as line
    inner join companies as company on line.company_code = company.company_code
    where line.invoice_type in ('CREDIT', 'CANCEL')
        and line.ref_invoice_id is not null
        and line.ref_invoice_id <> line.invoice_id

),

corrected as (

    select
        invoice.invoice_id,
        min(invoice.fiscal_period_id) as fiscal_period_id,
        min(invoice.segment_at_event_key) as segment_key
    from {{ ref('fct_invoice_line') }} as invoice
    where invoice.invoice_id in (select corrections.ref_invoice_id from corrections)
    group by invoice.invoice_id

),

-- Late facts, and those of entities with such a decision: both are few, so each is looked up alone.
candidates as (

    {% for fact_type, relation, document_id, line_no, schedule_no, event_date, segment_key, net, margin in facts -%}
    {% for which in ['late', 'decided anew', 'revised'] if which != 'revised' or fact_type == 'INVOICE_LINE' -%}
    select
        '{{ fact_type }}' as fact_type,
        fact.{{ document_id }} as document_id,
        fact.{{ line_no }} as line_no,
        {{ schedule_no }} as schedule_no,
        fact.entity_id,
        fact.{{ event_date }} as event_date,
        {{ 'company.calendar_id' if fact_type == 'INVOICE_LINE' else 'frozen_day.calendar_id' }} as calendar_id,
        {{ 'fact.fiscal_period_id' if fact_type == 'INVOICE_LINE' else 'frozen_day.fiscal_period_id' }} as fiscal_period_id,
        fact.known_at,
        fact.is_late_for_closed_period,
        {{ 'fact.revised_at' if which == 'revised' else 'cast(null as timestamp)' }} as revised_at,
        fact.{{ segment_key }} as segment_key,
        {{ net }} as net_amount_group,
        {{ margin }} as gross_margin_group
    from {{ relation }} as fact
    {% if which == 'decided anew' -%}
    inner join (select distinct backdated.entity_id from backdated) as moved on fact.entity_id = moved.entity_id
    {% endif -%}
    {% if fact_type == 'INVOICE_LINE' -%}
    inner join companies as company on fact.company_code = company.company_code
    {%- else -%}
    inner join group_days as frozen_day on fact.{{ event_date }} = frozen_day.calendar_date
    {%- endif %}
    where {{ '' if which == 'late' else 'not ' }}fact.is_late_for_closed_period
        {{ 'and fact.revised_at is not null' if which == 'revised' }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

placed as (

    select
        candidates.*,
        period.closed_at,
        period.frozen_at,
        backdated.recorded_at as decided_at
    from candidates
    inner join closed_periods as period
        on candidates.calendar_id = period.calendar_id
        and candidates.fiscal_period_id = period.fiscal_period_id
    left join backdated
        on candidates.entity_id = backdated.entity_id
        and candidates.calendar_id = backdated.calendar_id
        and candidates.fiscal_period_id = backdated.fiscal_period_id
    where candidates.is_late_for_closed_period
        or candidates.revised_at > period.frozen_at
        or (candidates.revised_at is null and backdated.entity_id is not null)

),

final as (

    select
        case
            when placed.is_late_for_closed_period then 'LATE_FACT'
            when placed.revised_at is not null then 'FACT_REVISED'
            else 'SEGMENT_BACKDATED'
        end as restatement_kind,
        placed.fact_type,
        placed.document_id,
        placed.line_no,
        placed.schedule_no,
        placed.calendar_id,
        placed.fiscal_period_id,
        placed.entity_id,
        placed.event_date,
        placed.closed_at,
        placed.frozen_at,
        case
            when placed.is_late_for_closed_period then placed.known_at
            else coalesce(placed.revised_at, placed.decided_at)
        end as restated_at,
        -- What came late was reported nowhere; what was there counted for the segment believed then.
        case
            when not placed.is_late_for_closed_period
                then {{ segment_key_or_unknown('believed', 'placed.entity_id') }}
        end as reported_segment_key,
        placed.segment_key,
        placed.net_amount_group,
        placed.gross_margin_group,
        cast(null as {{ dbt.type_string() }}) as posted_period_id
    from placed
    {{ segment_asof('placed.entity_id', 'placed.event_date', 'believed', known_at='placed.frozen_at') }}

    union all

    select
        'CREDIT_OF_EARLIER_PERIOD',
        'INVOICE_LINE',
        corrections.invoice_id,
        corrections.line_no,
        cast(0 as bigint),
        corrections.calendar_id,
        period.fiscal_period_id,
        corrections.entity_id,
        corrections.posting_date,
        period.closed_at,
        period.frozen_at,
        corrections.known_at,
        corrections.segment_at_event_key,
        corrected.segment_key,
        corrections.net_amount_group,
        cast(
            case
                when corrections.cogs_amount_group is not null
                    then corrections.net_amount_group - corrections.cogs_amount_group
            end as decimal(18, 4)
        ),
        corrections.fiscal_period_id
    from corrections
    inner join corrected
        on corrections.ref_invoice_id = corrected.invoice_id
        and corrections.fiscal_period_id <> corrected.fiscal_period_id
    inner join closed_periods as period
        on corrections.calendar_id = period.calendar_id
        and corrected.fiscal_period_id = period.fiscal_period_id

)

select
    restatement_kind,
    fact_type,
    document_id,
    line_no,
    schedule_no,
    calendar_id,
    fiscal_period_id,
    entity_id,
    event_date,
    closed_at,
    frozen_at,
    restated_at,
    {{ days_between('cast(closed_at as date)', 'cast(restated_at as date)') }} as days_after_close,
    reported_segment_key,
    segment_key,
    net_amount_group,
    gross_margin_group,
    posted_period_id
from final
where restatement_kind <> 'SEGMENT_BACKDATED'
    or reported_segment_key <> segment_key
