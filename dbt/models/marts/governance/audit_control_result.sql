{%- set checks = {
    'A1': 'the chain of decisions holds',
    'A2': 'every change of a segment has its event, and every event its change',
    'A3': 'nothing without an approved request or a known rule',
    'A4': 'nobody approved an own request',
    'A5': 'nothing is dated back into a closed period',
    'A6': 'the clock never runs backwards',
    'A7': 'nothing was removed: decisions are kept from the first on, longer than seven years',
    'A8': 'what other systems hold is what they were sent'
} -%}

with

events as (

    select * from {{ ref('fct_segment_event') }}

),

beliefs as (

    select * from {{ ref('dim_customer_segment') }}

),

decisions as (

    select * from {{ ref('int_governance__decision') }}

),

closed_periods as (

    select distinct start_date, end_date, closed_at from {{ ref('dim_fiscal_period') }}
    where status = 'CLOSED' and closed_at is not null

),

echoes as (

    select * from {{ ref('int_segment__echo') }}

),

counted as (

    select
        (select count(*) from echoes) as echoes_count,
        (select count(*) from events) as events_count,
        (select count(*) from decisions) as decisions_count,
        (select count(*) from decisions where kind = 'segment_request') as requests_count

),

in_sequence as (

    -- Of several decisions of one moment only the last is ever believed.
    select
        *,
        lag(recorded_at) over (partition by scheme_id, entity_id order by event_seq) as before_at,
        lead(recorded_at) over (partition by scheme_id, entity_id order by event_seq) as next_at
    from events

),

requested as (

    select
        request.request_id,
        max(request.role) as role,
        max(case when request.is_emergency or verdict.seq is not null then 1 else 0 end) as is_allowed
    from decisions as request
    left join decisions as verdict
        on request.request_id = verdict.request_id
        and verdict.kind = 'segment_request_verdict'
        and verdict.act = 'approve'
        and verdict.outcome = 'COUNTED'
    where request.kind = 'segment_request'
    group by request.request_id

),

faults as (

    select 'A1' as check_id, seq as decision_seq, cast(null as string) as event_ref, chain_fault as what
    from decisions
    where chain_fault is not null

    union all

    select
        'A2', cast(null as bigint), belief.scheme_id || '|' || belief.entity_id || '|' || cast(belief.event_seq as string),
        'a row without its event'
    from beliefs as belief
    left join events
        on belief.event_id = events.event_id
        and belief.scheme_id = events.scheme_id
        and belief.entity_id = events.entity_id
        and belief.segment_code = events.to_segment_code
        and belief.valid_from = events.valid_from
        and belief.recorded_from >= events.recorded_at
    where events.event_id is null

    union all

    select
        'A2', null, event.scheme_id || '|' || event.entity_id || '|' || cast(event.event_seq as string),
        'an event without its row'
    from in_sequence as event
    left join beliefs as belief
        on event.event_id = belief.event_id
        and event.recorded_at = belief.recorded_from
    where belief.event_id is null
        and (event.next_at is null or event.next_at <> event.recorded_at)

    union all

    select
        'A3', null, event.scheme_id || '|' || event.entity_id || '|' || cast(event.event_seq as string),
        case
            when event.cause = 'RULE' and policy_rule.rule_id is not null
                then 'nobody approved what rule ' || event.rule_id || ' proposed'
            when event.cause = 'RULE' then 'rule ' || event.rule_id || ' is not known'
            else 'no approved request or contract stands behind it'
        end
    from events as event
    left join {{ ref('reclass_rule') }} as policy_rule
        on event.scheme_id = policy_rule.scheme_id
        and event.rule_id = policy_rule.rule_id
        and event.rule_version = cast(policy_rule.version as bigint)
    left join requested on event.request_id = requested.request_id
    where (event.cause = 'RULE' and policy_rule.rule_id is null)
        -- A rule whose proposal people had to approve; who had to is asked by `tierline audit verify`.
        or (event.cause = 'RULE' and event.request_id is not null and coalesce(requested.is_allowed, 0) = 0)
        or (event.cause in ('MANUAL_OVERRIDE', 'CHANGE_REQUEST') and coalesce(requested.is_allowed, 0) = 0)
        or (event.cause = 'CONTRACT_FLOOR' and event.contract_id is null)

    union all

    select
        'A5', null, event.scheme_id || '|' || event.entity_id || '|' || cast(event.event_seq as string),
        'it holds from ' || cast(event.valid_from as string) || ', in a period that was closed by then'
    from events as event
    inner join closed_periods as period
        on event.valid_from >= period.start_date
        and event.valid_from < period.end_date
        and event.recorded_at > period.closed_at
    left join requested on event.request_id = requested.request_id
    where event.from_segment_code is not null
        and coalesce(requested.role, '') <> 'finance'

    union all

    select
        'A5', request.seq, null, 'it asks for ' || cast(request.effective_date as string) || ', in a period that was closed'
    from decisions as request
    inner join closed_periods as period
        on request.effective_date >= period.start_date
        and request.effective_date < period.end_date
        and request.decided_at >= period.closed_at
        and cast(request.decided_at as date) >= period.end_date
    where request.kind = 'segment_request'
        -- What a rule proposed holds from its approval on, never from before.
        and request.role not in ('finance', 'rule')

    union all

    select
        'A6', null, scheme_id || '|' || entity_id || '|' || cast(event_seq as string),
        'it is recorded before the decision that it follows'
    from in_sequence
    where recorded_at < before_at

    union all

    select
        'A8', null, scheme_id || '|' || entity_id || '|' || cast(our_event_seq as string),
        held_in || ' holds ' || coalesce(held_segment_code, 'nothing') || ' for customer ' || customer_id
        || ', assigned was ' || our_segment_code
    from echoes
    where drift_kind is not null

    union all

    select check_id, seq, null, detail from {{ ref('int_governance__audit_finding') }}
    where status = 'FAIL'

),

-- The first decision at fault stands for all, else the first event.
summed as (

    select
        check_id,
        count(*) as faults_count,
        min(decision_seq) as first_decision_seq,
        min(event_ref) as first_event,
        min(coalesce('Event ' || event_ref, 'Decision ' || cast(decision_seq as string)) || ': ' || what) as detail
    from faults
    group by check_id

),

judged as (

    {% for check_id, check_name in checks.items() -%}
    select
        '{{ check_id }}' as check_id,
        '{{ check_name }}' as check_name,
        {{ {
            'A1': 'decisions_count', 'A2': 'events_count', 'A3': 'events_count', 'A4': 'requests_count',
            'A5': 'events_count', 'A6': 'events_count', 'A7': 'decisions_count', 'A8': 'echoes_count'
        }[check_id] }} as checked_count
    from counted
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    judged.check_id,
    judged.check_name,
    case
        when summed.faults_count > 0 then 'FAIL'
        -- A chain of no decisions holds; anything else needs something to look at.
        when judged.checked_count > 0 or judged.check_id = 'A1' then 'PASS'
        else 'NO_DATA'
    end as status,
    judged.checked_count,
    cast(coalesce(summed.faults_count, 0) as bigint) as faults_count,
    summed.first_decision_seq,
    summed.first_event,
    case
        when summed.faults_count > 0 then summed.detail
        when judged.check_id = 'A8' and judged.checked_count = 0 then 'Not judged: no other system reports back what it holds.'
        when judged.checked_count = 0 then 'Nothing to look at: nothing was decided.'
        else cast(judged.checked_count as string) || ' looked at.'
    end as detail,
    {{ as_of() }} as judged_date
from judged
left join summed on judged.check_id = summed.check_id
