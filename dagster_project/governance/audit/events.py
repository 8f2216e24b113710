"""Checks of what the segmentation decided: A2, A3, A5 and A6 on the marts of a release."""

from collections.abc import Collection
from typing import Any

from dagster_project.governance.audit.results import CheckResult, failed, passed

BUILT_IN = ("FIRST_SEEN", "FIRST_SCORE", "DORMANT", "REACTIVATED", "EXCLUDED")
"""Rules that every scheme has; threshold rules are named after a tier of the scheme."""

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
select scheme_id, entity_id, event_seq, 'rule ' || rule_id || ' is not known'
from fct_segment_event as event
where rule_id not in (select unnest(?::varchar[]))
    and not exists (
        select 1 from dim_segment as tier
        where tier.scheme_id = event.scheme_id and tier.kind = 'TIER'
            and rule_id in ('THRESHOLD_UP_' || segment_code, 'THRESHOLD_DOWN_' || segment_code)
    )
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


def event_checks(con: Any, rules: Collection[str] = ()) -> dict[str, CheckResult]:
    """Return A2, A3, A5 and A6 of segment events, by check.

    Args:
        con: DuckDB connection whose default schema holds the marts.
        rules: Ids of rules of the policy besides those that every scheme has.
    """
    known = sorted({*BUILT_IN, *rules})
    asked = {"A2": (_CHANGES, []), "A3": (_RULES, [known]), "A5": (_CLOSED, []), "A6": (_CLOCK, [])}
    (count,) = con.execute("select count(*) from fct_segment_event").fetchone()
    results = {}
    for check_id, (query, parameters) in asked.items():
        row = con.execute(query, parameters).fetchone()
        if row is None:
            results[check_id] = passed(check_id, f"{count:,} segment events.")
        else:
            event = f"{row[0]}|{row[1]}|{row[2]}"
            results[check_id] = failed(check_id, f"Event {event}: {row[3]}.", event=event)
    return results
