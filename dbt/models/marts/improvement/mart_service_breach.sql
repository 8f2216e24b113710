with

settings as (

    select cast(setting_value as bigint) as window_days
    from {{ ref('improvement_setting') }}
    where setting_name = 'breach_window_days'

),

rules as (

    select segment_code, level, after_hours * 60 as after_minutes, role, weight
    from {{ ref('escalation_rule') }}

),

tiers as (

    select segment_code, max(weight) as weight from rules group by segment_code

),

lines as (

    select
        line.*,
        -- A day that was promised is missed when it is over; tolerance days come on top.
        case
            when line.due_test = 'DAY' or line.due_first_at is null
                then cast({{ add_days('line.due_first_date', 'coalesce(line.late_days, 0) + 1') }} as timestamp)
            else {{ add_minutes('line.due_first_at', 'coalesce(line.late_days, 0) * 1440') }}
        end as missed_at,
        line.is_due_first and not line.is_otif_first as is_missed
    from {{ ref('fct_order_line_service') }} as line
    cross join settings
    where line.is_service_relevant
        and line.countable_base_qty > 0
        and line.due_first_date >= {{ add_days(as_of(), '-settings.window_days') }}
        and (
            (line.is_due_first and not line.is_otif_first)
            -- What has not left on its day will be late, unless something is done.
            or (not line.is_due_first and line.last_departed_at is null and not line.is_shipped_on_time)
        )

),

caused as (

    select
        order_id,
        case
            when is_cancelled_by_seller then 'CANCELLED'
            when is_missed and is_on_time_first then 'SHORT'
            else 'LATE'
        end as cause,
        case when is_missed then 'ACTUAL' else 'PREDICTED' end as breach_kind,
        case when is_missed then missed_at else cast({{ add_days('promised_ship_date', '1') }} as timestamp) end as opened_at,
        customer_id,
        entity_id,
        segment_at_order_key as segment_key,
        cast(
            net_amount_group * (
                countable_base_qty - least(coalesce(delivered_by_due_first_base_qty, 0), countable_base_qty)
            ) / countable_base_qty as decimal(18, 4)
        ) as shortfall_amount_group,
        greatest(
            {{ days_between(
                'due_first_date',
                'least(coalesce(cast(last_delivered_at as date), ' ~ as_of() ~ '), ' ~ as_of() ~ ')'
            ) }},
            1
        ) as days_late
    from lines

),

opened as (

    -- One breach per order and cause, however many lines it has.
    select
        order_id || '|' || cause as breach_id,
        order_id,
        cause,
        min(breach_kind) as breach_kind,
        min(opened_at) as opened_at,
        min(customer_id) as customer_id,
        min(entity_id) as entity_id,
        min(segment_key) as segment_key,
        count(*) as lines_count,
        sum(shortfall_amount_group) as shortfall_amount_group,
        max(days_late) as days_late
    from caused
    group by order_id, cause

),

acts as (

    select * from {{ ref('int_improvement__breach_act') }}

),

done as (

    select
        breach_id,
        max_by(act, case when act in ('ack', 'contain', 'rca', 'recover', 'close') then seq end) as last_act,
        min(case when act = 'ack' then acted_at end) as acknowledged_at,
        min(case when act = 'recover' then acted_at end) as recovered_at,
        min(case when act = 'close' then acted_at end) as closed_at,
        max_by(cause, case when act = 'rca' then seq end) as root_cause,
        max_by(evidence, case when act = 'rca' then seq end) as root_cause_evidence,
        count(step) as steps_count,
        sum(cost_group) as recovery_cost_group,
        sum(case when act = 'pause' and resumed_at is null then 1 else 0 end) > 0 as is_paused
    from acts
    group by breach_id

),

timed as (

    select
        opened.*,
        done.last_act,
        done.acknowledged_at,
        done.recovered_at,
        done.closed_at,
        done.root_cause,
        done.root_cause_evidence,
        done.steps_count,
        done.recovery_cost_group,
        coalesce(done.is_paused, false) as is_paused,
        least(
            coalesce(done.acknowledged_at, cast({{ add_days(as_of(), '1') }} as timestamp)),
            cast({{ add_days(as_of(), '1') }} as timestamp)
        ) as clock_until_at
    from opened
    left join done on opened.breach_id = done.breach_id

),

stopped as (

    select
        timed.breach_id,
        sum(
            greatest(
                {{ minutes_between(
                    'greatest(acts.acted_at, timed.opened_at)',
                    'least(coalesce(acts.resumed_at, timed.clock_until_at), timed.clock_until_at)'
                ) }},
                0
            )
        ) as minutes
    from timed
    inner join acts on timed.breach_id = acts.breach_id and acts.act = 'pause'
    group by timed.breach_id

),

clocked as (

    select
        timed.*,
        coalesce(own.weight, general.weight) as weight,
        coalesce(own.segment_code, general.segment_code) as rule_segment,
        greatest(
            {{ minutes_between('timed.opened_at', 'timed.clock_until_at') }} - coalesce(stopped.minutes, 0), 0
        ) as clock_minutes
    from timed
    left join stopped on timed.breach_id = stopped.breach_id
    left join tiers as own on timed.segment_key = '{{ fact_scheme() }}:' || own.segment_code
    left join tiers as general on general.segment_code = '*'

),

escalated as (

    select
        clocked.breach_id,
        max(case when clocked.clock_minutes >= rules.after_minutes then rules.level end) as level,
        max_by(rules.role, case when clocked.clock_minutes >= rules.after_minutes then rules.level end) as role,
        min(case when clocked.clock_minutes < rules.after_minutes then rules.after_minutes end) as next_minutes
    from clocked
    inner join rules on clocked.rule_segment = rules.segment_code
    group by clocked.breach_id

),

customers as (

    select customer_id, is_credit_hold from {{ ref('dim_customer') }}

)

select
    clocked.breach_id,
    clocked.order_id,
    clocked.cause,
    clocked.breach_kind,
    clocked.customer_id,
    clocked.entity_id,
    clocked.segment_key,
    case when customers.is_credit_hold then 'CUSTOMER' else 'COMPANY' end as accountable,
    clocked.opened_at,
    cast(clocked.lines_count as bigint) as lines_count,
    cast(clocked.shortfall_amount_group as decimal(18, 4)) as shortfall_amount_group,
    cast(clocked.days_late as bigint) as days_late,
    cast(clocked.weight * clocked.shortfall_amount_group * clocked.days_late as double) as severity,
    case
        when clocked.last_act is null then 'OPEN'
        when clocked.last_act = 'ack' then 'ACK'
        when clocked.last_act = 'contain' then 'CONTAINED'
        when clocked.last_act = 'rca' then 'RCA'
        when clocked.last_act = 'recover' then 'RECOVERED'
        else 'CLOSED'
    end as state,
    clocked.is_paused,
    clocked.acknowledged_at,
    clocked.recovered_at,
    clocked.closed_at,
    cast(clocked.clock_minutes as double) as clock_minutes,
    case when clocked.recovered_at is not null then {{ minutes_between('clocked.opened_at', 'clocked.recovered_at') }} end
        as recovery_minutes,
    cast(coalesce(escalated.level, 0) as bigint) as escalation_level,
    escalated.role as escalated_role,
    case
        when clocked.acknowledged_at is null and not clocked.is_paused and escalated.next_minutes is not null
            then {{ add_minutes(
                'cast(' ~ add_days(as_of(), '1') ~ ' as timestamp)', 'ceil(escalated.next_minutes - clocked.clock_minutes)'
            ) }}
    end as next_escalation_at,
    clocked.root_cause,
    clocked.root_cause_evidence,
    cast(coalesce(clocked.steps_count, 0) as bigint) as recovery_steps_count,
    cast(clocked.recovery_cost_group as decimal(18, 4)) as recovery_cost_group
from clocked
left join escalated on clocked.breach_id = escalated.breach_id
left join customers on clocked.customer_id = customers.customer_id
