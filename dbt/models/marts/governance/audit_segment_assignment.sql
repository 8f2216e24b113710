with

events as (

    select * from {{ ref('fct_segment_event') }}

),

decisions as (

    select * from {{ ref('int_governance__decision') }}

),

requests as (

    select * from decisions where kind = 'segment_request'

),

approvals as (

    select
        request_id,
        {{ sorted_text("actor || ' (' || role || ')'", ', ') }} as approved_by,
        max(decided_at) as approved_at
    from decisions
    where kind = 'segment_request_verdict'
        and act = 'approve'
        and outcome = 'COUNTED'
    group by request_id

),

policy_rules as (

    -- The first evaluations under a new version move customers because the rule changed, not they.
    select
        scheme_id,
        rule_id,
        cast(version as bigint) as version,
        owner,
        {{ add_months('cast(valid_from as date)', 'cast(consecutive_evaluations as bigint) + 1') }} as settled_date
    from {{ ref('reclass_rule') }}

),

described as (

    select
        events.*,
        request.actor as requester,
        request.role as requester_role,
        request.reason as requester_reason,
        request.seq as decision_seq,
        request.prev_hash as decision_prev_hash,
        request.hash as decision_hash,
        approval.approved_by,
        approval.approved_at,
        policy_rule.owner as rule_owner,
        events.rule_version > 1 and cast(events.recorded_at as date) < policy_rule.settled_date as is_rebase,
        {{ sha256_hex("events.scheme_id || '|' || events.entity_id || '|' || cast(events.event_seq as string)
            || '|' || coalesce(events.from_segment_code, '') || '|' || events.to_segment_code
            || '|' || cast(events.valid_from as string) || '|' || cast(cast(events.recorded_at as date) as string)
            || '|' || events.rule_id || '|' || coalesce(events.request_id, '')
            || '|' || coalesce(events.contract_id, '') || '|' || events.reason") }} as event_hash
    from events
    left join requests as request on events.request_id = request.request_id
    left join approvals as approval on events.request_id = approval.request_id
    left join policy_rules as policy_rule
        on events.scheme_id = policy_rule.scheme_id
        and events.rule_id = policy_rule.rule_id
        and events.rule_version = policy_rule.version

)

select
    scheme_id,
    entity_id,
    event_seq,
    event_id,
    from_segment_code,
    to_segment_code,
    valid_from,
    recorded_at,
    cause,
    rule_id,
    rule_version,
    request_id,
    contract_id,
    coalesce(requester, rule_owner, 'policy') as answerable,
    coalesce(requester_role, case when rule_owner is not null then 'rule_owner' end, 'policy') as answerable_role,
    coalesce(is_rebase, false) as is_rebase,
    reason,
    requester_reason,
    approved_by,
    approved_at,
    case when request_id is null then 'rules engine' else 'decision store' end as source_app,
    decision_seq,
    decision_prev_hash,
    decision_hash,
    lag(event_hash) over (partition by scheme_id, entity_id order by event_seq) as prev_event_hash,
    event_hash
from described
