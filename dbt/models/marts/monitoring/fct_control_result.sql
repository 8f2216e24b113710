{%- set controls = [
    ref('int_control__revenue_ledger'),
    ref('int_control__document_total'),
    ref('int_control__ledger'),
    ref('int_control__stock'),
    ref('int_control__order_flow'),
    ref('int_control__segment_total'),
    ref('int_control__cost'),
    ref('int_control__order_quantity'),
    ref('int_control__batch_integrity'),
    ref('int_control__row_lineage'),
    ref('int_control__intercompany'),
    ref('int_control__exchange_rate'),
    ref('int_control__entity_count'),
    ref('int_control__quarantine'),
    ref('int_control__broken_reference'),
    ref('int_control__unit'),
    ref('int_control__volume'),
    ref('int_control__freshness')
] -%}
with

results as (

    {% for control in controls -%}
    select
        control_id,
        dimension,
        left_value,
        right_value,
        difference,
        tolerance,
        severity,
        status,
        detail,
        company_code,
        fiscal_period_id,
        opened_date
    from {{ control }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- Explanations of one difference add up; a wrong one is taken back by one of the opposite amount.
explanations as (

    select
        control_id,
        dimension,
        sum(amount) as amount,
        {{ sorted_text('reason_code', ', ') }} as reason_codes,
        {{ sorted_text('actor', ', ') }} as actors,
        {{ sorted_text('evidence', '; ') }} as evidence,
        {{ sorted_text('ticket', ', ') }} as tickets
    from {{ ref('int_control__explanation') }}
    group by control_id, dimension

),

-- A waiver ends by itself: the logical date decides, not the day on which somebody looks.
waivers as (

    select
        control_id,
        fiscal_period_id,
        max(seq) as seq,
        max_by(actor, seq) as actor,
        max_by(reason, seq) as reason,
        max_by(expires_date, seq) as expires_date
    from {{ ref('int_control__waiver') }}
    where expires_date >= {{ as_of() }}
    group by control_id, fiscal_period_id

),

judged as (

    select
        result.*,
        control.owner,
        explanation.amount as explained_amount,
        case
            when result.status in ('FAIL', 'WARN')
                and control.is_explainable
                -- Amounts of explanations are kept in hundredths.
                and abs(result.difference - explanation.amount) <= greatest(result.tolerance, 0.005)
                then 'EXPLAINED'
            else result.status
        end as judged_status,
        explanation.reason_codes,
        explanation.actors,
        explanation.evidence,
        explanation.tickets
    from results as result
    left join {{ ref('control') }} as control on result.control_id = control.control_id
    left join explanations as explanation
        on result.control_id = explanation.control_id
        and result.dimension = explanation.dimension

),

-- The newest of the waivers for the period and those for every period. The results are read once.
waived as (

    select
        judged.*,
        case when every_period.seq > period.seq or period.seq is null then every_period.actor else period.actor end
            as waived_by,
        case when every_period.seq > period.seq or period.seq is null then every_period.reason else period.reason end
            as waiver_reason,
        case
            when every_period.seq > period.seq or period.seq is null then every_period.expires_date
            else period.expires_date
        end as waiver_expires_date
    from judged
    left join waivers as period
        on judged.control_id = period.control_id
        and judged.fiscal_period_id = period.fiscal_period_id
        and judged.judged_status in ('FAIL', 'NO_DATA')
    left join waivers as every_period
        on judged.control_id = every_period.control_id
        and every_period.fiscal_period_id = '*'
        and judged.judged_status in ('FAIL', 'NO_DATA')

)

select
    waived.control_id,
    waived.dimension,
    waived.left_value,
    waived.right_value,
    waived.difference,
    waived.tolerance,
    waived.severity,
    waived.judged_status as status,
    waived.detail,
    waived.company_code,
    waived.fiscal_period_id,
    waived.owner,
    waived.opened_date,
    case
        when waived.status in ('FAIL', 'WARN') then {{ days_between('waived.opened_date', as_of()) }}
    end as age_days,
    cast(waived.explained_amount as decimal(38, 6)) as explained_amount,
    waived.reason_codes as explained_reasons,
    waived.actors as explained_by,
    waived.evidence as explained_evidence,
    waived.tickets as ticket,
    waived.waived_by,
    waived.waiver_reason,
    waived.waiver_expires_date
from waived
