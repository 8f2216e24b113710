"""Checks of what the segmentation decided: A2, A3, A5 and A6 on the marts of a release."""

from collections.abc import Collection, Sequence
from typing import Any

from dagster_project.governance.audit.results import CheckResult, failed, no_data, passed
from dagster_project.governance.decisions import Decision

# One decision of a moment can be overtaken by the next of the same moment; it was never believed.
_CHANGES = """
with faults as (
    select belief.scheme_id, belief.entity_id, belief.event_seq, 'a row without its event' as why
    from dim_customer_segment as belief
    left join fct_segment_event as event
        on event.event_id = belief.event_id and event.scheme_id = belief.scheme_id
        and event.entity_id = belief.entity_id and event.to_segment_code = belief.segment_code
        and event.valid_from = belief.valid_from and event.recorded_at <= belief.recorded_from
    where event.event_id is null
    union all
    select event.scheme_id, event.entity_id, event.event_seq, 'an event without its row'
    from fct_segment_event as event
    left join dim_customer_segment as belief
        on belief.event_id = event.event_id and belief.recorded_from = event.recorded_at
    where belief.event_id is null
        and not exists (
            select 1 from fct_segment_event as later
            where later.scheme_id = event.scheme_id and later.entity_id = event.entity_id
                and later.recorded_at = event.recorded_at and later.event_seq > event.event_seq
        )
    union all
    select scheme_id, entity_id, min(event_seq), 'more than one event of that name'
    from fct_segment_event group by scheme_id, entity_id, event_id having count(*) > 1
)
select * from faults order by scheme_id, entity_id, event_seq limit 1
"""

_RULES = """
select scheme_id, entity_id, event_seq,
    case
        when cause = 'RULE' and rule_id not in (select unnest($rules::varchar[]))
            then 'rule ' || rule_id || ' is not known'
        when cause = 'RULE' then 'nobody approved what rule ' || rule_id || ' proposed'
        else 'no approved request or contract stands behind it'
    end
from fct_segment_event
where (cause = 'RULE' and rule_id not in (select unnest($rules::varchar[])))
    or (
        cause = 'RULE'
        and (
            request_id is not null
            or scheme_id || '|' || rule_id in (select unnest($asks::varchar[]))
        )
        and coalesce(request_id, '') not in (select unnest($requests::varchar[]))
    )
    or (
        cause in ('MANUAL_OVERRIDE', 'CHANGE_REQUEST')
        and coalesce(request_id, '') not in (select unnest($requests::varchar[]))
    )
    or (cause = 'CONTRACT_FLOOR' and contract_id is null)
order by 1, 2, 3 limit 1
"""

_CLOSED = """
select event.scheme_id, event.entity_id, event.event_seq,
    'holds from ' || event.valid_from || ', in a period closed before'
from fct_segment_event as event
inner join dim_fiscal_period as period
    on period.status = 'CLOSED' and period.closed_at < event.recorded_at
    and event.valid_from >= period.start_date and event.valid_from < period.end_date
where event.from_segment_code is not null
    and coalesce(event.request_id, '') not in (select unnest($waived::varchar[]))
order by 1, 2, 3 limit 1
"""

_CLOCK = """
with ordered as (
    select *, lag(recorded_at) over (
        partition by scheme_id, entity_id order by event_seq
    ) as before_at
    from fct_segment_event
)
select scheme_id, entity_id, event_seq, 'recorded before the decision that it follows'
from ordered where recorded_at < before_at order by 1, 2, 3 limit 1
"""


def event_checks(
    con: Any,
    rules: Collection[str] = (),
    decisions: Sequence[Decision] = (),
    asking: Collection[str] = (),
) -> dict[str, CheckResult]:
    """Return A2, A3, A5 and A6 of segment events, by check.

    The mart ``audit_control_result`` asks the same of the build; here it is asked of a release and
    of the decisions as they are now.

    Args:
        con: DuckDB connection whose default schema holds the marts.
        rules: Ids of the rules of the policy.
        decisions: All decisions; requests that they allow may stand behind an event, and those of
            finance may reach back into a closed period.
        asking: Rules whose moves have to be approved, as ``scheme|rule``.
    """
    if not _says_causes(con):
        why = "The release is of an older version and does not say what decided."
        return {check_id: no_data(check_id, why) for check_id in ("A2", "A3", "A5", "A6")}
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        "A2": (_CHANGES, {}),
        "A3": (
            _RULES,
            {
                "rules": sorted(rules),
                "asks": sorted(asking),
                "requests": sorted(_allowed(decisions)),
            },
        ),
        "A5": (_CLOSED, {"waived": sorted(_asked_by_finance(decisions))}),
        "A6": (_CLOCK, {}),
    }
    (count,) = con.execute("select count(*) from fct_segment_event").fetchone()
    results = {}
    for check_id, (query, parameters) in asked.items():
        row = con.execute(query, parameters or None).fetchone()
        if row is None:
            results[check_id] = passed(check_id, f"{count:,} segment events.")
        else:
            event = f"{row[0]}|{row[1]}|{row[2]}"
            results[check_id] = failed(check_id, f"Event {event}: {row[3]}.", event=event)
    return results


def _says_causes(con: Any) -> bool:
    columns = {row[0] for row in con.execute("describe fct_segment_event").fetchall()}
    return {"cause", "request_id", "contract_id"} <= columns


def _allowed(decisions: Sequence[Decision]) -> set[str]:
    """Requests that somebody approved, or that hold at once as emergencies."""
    found = set()
    for one in decisions:
        said = one.payload
        if one.kind == "segment_request" and said["is_emergency"]:
            found.add(said["request_id"])
        is_verdict = one.kind == "segment_request_verdict"
        if is_verdict and (said["act"], said["outcome"]) == ("approve", "COUNTED"):
            found.add(said["request_id"])
    return found


def _asked_by_finance(decisions: Sequence[Decision]) -> set[str]:
    return {
        one.payload["request_id"]
        for one in decisions
        if one.kind == "segment_request" and one.role == "finance"
    }
