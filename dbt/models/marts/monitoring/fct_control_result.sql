{%- set controls = [
    ref('int_control__revenue_ledger'),
    ref('int_control__document_total'),
    ref('int_control__ledger'),
    ref('int_control__stock'),
    ref('int_control__order_flow'),
    ref('int_control__segment_total'),
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
        result.control_id,
        result.dimension,
        max_by(waiver.actor, waiver.seq) as actor,
        max_by(waiver.reason, waiver.seq) as reason,
        max_by(waiver.expires_date, waiver.seq) as expires_date
    from results as result
    inner join {{ ref('int_control__waiver') }} as waiver
        on result.control_id = waiver.control_id
        and (waiver.fiscal_period_id = '*' or waiver.fiscal_period_id = result.fiscal_period_id)
        and waiver.expires_date >= {{ as_of() }}
    where result.status in ('FAIL', 'NO_DATA')
    group by result.control_id, result.dimension

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

)

select
    judged.control_id,
    judged.dimension,
    judged.left_value,
    judged.right_value,
    judged.difference,
    judged.tolerance,
    judged.severity,
    judged.judged_status as status,
    judged.detail,
    judged.company_code,
    judged.fiscal_period_id,
    judged.owner,
    judged.opened_date,
    case
        when judged.status in ('FAIL', 'WARN') then {{ days_between('judged.opened_date', as_of()) }}
    end as age_days,
    cast(judged.explained_amount as decimal(38, 6)) as explained_amount,
    judged.reason_codes as explained_reasons,
    judged.actors as explained_by,
    judged.evidence as explained_evidence,
    judged.tickets as ticket,
    case when judged.judged_status in ('FAIL', 'NO_DATA') then waiver.actor end as waived_by,
    case when judged.judged_status in ('FAIL', 'NO_DATA') then waiver.reason end as waiver_reason,
    case when judged.judged_status in ('FAIL', 'NO_DATA') then waiver.expires_date end as waiver_expires_date
from judged
left join waivers as waiver
    on judged.control_id = waiver.control_id
    and judged.dimension = waiver.dimension
