"""Why a customer is in its segment, from the released marts, in plain words.

Add a fact here when people ask for it and a mart has it; nothing is computed that a mart could
hold. How it is said belongs in ``explain_words.py``.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from dagster_project.errors import TierlineError, UsageError
from dagster_project.segmentation.explain_words import sentences
from dagster_project.settings import Settings

Explanation = dict[str, Any]
"""Plain values only, so that it can be printed as JSON."""

_SCHEME = "service"


def explain(
    settings: Settings, customer: str, as_of: str | None = None, known_at: str | None = None
) -> Explanation:
    """Explain a customer from the current release.

    Args:
        settings: The home.
        customer: ERP customer id or segmentation entity.
        as_of: Day asked about, ``YYYY-MM-DD``; when not given ``known_at`` or else the release's
            own day.
        known_at: Only what was known at the end of this day, ``YYYY-MM-DD``; all when not given.

    Raises:
        TierlineError: Nothing has been released.
        UsageError: There is no such customer (near matches are named), or a day is none.
    """
    import duckdb

    from dagster_project.release.releases import current_release

    release = current_release(settings)
    if release is None:
        raise TierlineError(
            "There is no release to ask.",
            f"Nothing has been published in {settings.home}.",
            "Run `tierline build`, `tierline gate` and `tierline publish`.",
        )
    con = duckdb.connect(str(release.database), read_only=True)
    try:
        return explain_from(con, customer, as_of, known_at) | {"release": release.release_id}
    finally:
        con.close()


def explain_from(
    con: Any, customer: str, as_of: str | None = None, known_at: str | None = None
) -> Explanation:
    """Explain a customer from an open connection to marts; see ``explain``."""
    for name, day in (("--as-of", as_of), ("--known-at", known_at)):
        _require_day(name, day)
    _use_marts(con)
    who = _before_a_merge(con, _customer(con, customer), known_at)
    as_of = as_of or known_at
    end = known_at or "9999-12-30"
    rows = _beliefs(con, who["entity_id"], end)
    now = _current(rows, as_of)
    found: Explanation = {
        "customer": who,
        "as_of": as_of,
        "known_at": known_at,
        "segment": now,
        "coming": _coming(rows, now),
        "score": _score(con, who["entity_id"], min(as_of or end, end)),
        "last_proposal": _proposal(con, who["entity_id"], min(as_of or end, end)),
        "history": _history(con, who["entity_id"], end),
    }
    return found | {"sentences": sentences(found)}


def _require_day(name: str, day: str | None) -> None:
    try:
        date.fromisoformat(day or "2000-01-01")
    except ValueError:
        raise UsageError(
            f"{name} {day} is no day.", "It has the form YYYY-MM-DD.", f"Write {name} 2026-01-31."
        ) from None


# What the marts say -----------------------------------------------------------------------------


def _rows(
    con: Any, query: str, parameters: Sequence[Any] | dict[str, Any] = ()
) -> list[dict[str, Any]]:
    named = parameters if isinstance(parameters, dict) else list(parameters)
    result = con.execute(query, named)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _use_marts(con: Any) -> None:
    """Make the marts the default schema, wherever a release or the work file keeps them."""
    found = None
    for name in ("dim_customer_segment", "mart_reclass_proposal"):
        found = con.execute(
            "select table_catalog, table_schema from information_schema.tables"
            " where table_name = ? limit 1",
            [name],
        ).fetchone()
        if found is None:
            raise TierlineError(
                "The segments of customers cannot be explained.",
                f"The database has no table {name}.",
                "Run `tierline build`, `tierline gate` and `tierline publish`.",
            )
    assert found is not None
    con.execute(f'use "{found[0]}"."{found[1]}"')


def _customer(con: Any, customer: str) -> dict[str, Any]:
    found = _rows(
        con,
        "select customer_id, customer_name, entity_id,"
        " count(*) over (partition by entity_id) as entity_customers_count"
        " from dim_customer qualify customer_id = ? or entity_id = ?"
        " order by customer_id <> ?, customer_id limit 1",
        [customer, customer, customer],
    )
    if found:
        return found[0]
    near = _rows(
        con,
        "select customer_id, customer_name from dim_customer order by greatest("
        "jaro_winkler_similarity(lower(customer_id), lower(?)),"
        "jaro_winkler_similarity(lower(customer_name), lower(?))) desc, customer_id limit 3",
        [customer, customer],
    )
    names = "; ".join(f"{row['customer_id']} ({row['customer_name']})" for row in near)
    raise UsageError(
        f"There is no customer {customer!r}.",
        f"The nearest are: {names}." if near else "The release holds no customer at all.",
        f"Try `tierline explain {near[0]['customer_id']}`." if near else "",
    )


def _before_a_merge(con: Any, who: dict[str, Any], known_at: str | None) -> dict[str, Any]:
    """The customer as it was known at a day: an entity of its own until somebody merged it.

    ``own_until`` is the last day on which it was; null for one that was never merged.
    """
    ended = _rows(
        con,
        "select entity_id, max(recorded_to) as moment,"
        " cast(cast(max(recorded_to) as date) - interval 1 day as varchar) as own_until"
        " from dim_customer_segment where scheme_id = $scheme and entity_id <> $entity"
        " and entity_id in (select unnest([customer_id, group_id]) from dim_customer"
        " where customer_id = $customer) group by entity_id having not bool_or(is_latest_belief)"
        " order by moment desc limit 1",
        {"scheme": _SCHEME, "entity": who["entity_id"], "customer": who["customer_id"]},
    )
    if not ended:
        return who | {"own_until": None}
    until = ended[0]["own_until"][:10]
    if known_at is None or known_at > until:
        return who | {"own_until": until}
    return who | {
        "own_until": until,
        "entity_id": ended[0]["entity_id"],
        "entity_customers_count": 1,
    }


def _beliefs(con: Any, entity_id: str, known_at: str) -> list[dict[str, Any]]:
    """What was believed at the end of a day; ``is_current`` is about the release's own day."""
    return _rows(
        con,
        "select assignment.segment_code, segment.label, assignment.segment_key,"
        " cast(assignment.valid_from as varchar) as valid_from,"
        " cast(assignment.valid_to as varchar) as valid_to,"
        " cast(cast(event.recorded_at as date) as varchar) as decided_on,"
        " assignment.rule_id, assignment.reason, event.cause, event.rule_version,"
        " event.request_id, event.contract_id, proposal.approval, proposal.approved_by,"
        " is_current"
        " from dim_customer_segment as assignment"
        " inner join dim_segment as segment using (segment_key)"
        " inner join fct_segment_event as event using (event_id)"
        " left join mart_reclass_proposal as proposal using (proposal_id)"
        " where assignment.entity_id = $entity and assignment.scheme_id = $scheme"
        " and recorded_from < cast($day as date) + interval 1 day"
        " and recorded_to >= cast($day as date) + interval 1 day"
        " order by assignment.valid_from",
        {"entity": entity_id, "scheme": _SCHEME, "day": known_at},
    )


def _current(rows: list[dict[str, Any]], as_of: str | None) -> dict[str, Any] | None:
    for row in rows:
        holds = row["is_current"] if as_of is None else row["valid_from"] <= as_of < row["valid_to"]
        if holds:
            return {name: value for name, value in row.items() if name != "is_current"}
    return None


def _coming(rows: list[dict[str, Any]], now: dict[str, Any] | None) -> dict[str, Any] | None:
    if now is None:
        return None
    later = [row for row in rows if row["valid_from"] >= now["valid_to"]]
    return {k: v for k, v in later[0].items() if k != "is_current"} if later else None


def _score(con: Any, entity_id: str, day: str) -> dict[str, Any] | None:
    found = _rows(
        con,
        "select cast(evaluation_month as varchar) as evaluation_month, status,"
        " cast(cast(recorded_at as date) as varchar) as evaluated_on,"
        " cast(score as double) as score, score_rank, scored_entities_count, known_orders_count,"
        " segment_code, up_streak, down_streak, better_segment_code,"
        " cast(better_threshold as double) as better_threshold,"
        " cast(keep_threshold as double) as keep_threshold"
        " from mart_segmentation__score where entity_id = ? and scheme_id = ?"
        " and recorded_at < cast(? as date) + interval 1 day"
        " order by evaluation_month desc limit 1",
        [entity_id, _SCHEME, day],
    )
    if not found:
        return None
    score = found[0]
    score["parts"] = _rows(
        con,
        "select attribute_id, coalesce(attribute_label, attribute_id) as label, unit,"
        " cast(value as double) as value, cast(percentile as double) as percentile,"
        " cast(weight as double) as weight, cast(contribution as double) as contribution"
        " from mart_segmentation__score_part"
        " where entity_id = ? and scheme_id = ? and evaluation_month = cast(? as date)"
        " order by contribution desc, attribute_id",
        [entity_id, _SCHEME, score["evaluation_month"]],
    )
    points, better, keep = (score[k] for k in ("score", "better_threshold", "keep_threshold"))
    has_score = points is not None
    score["points_to_better"] = round(better - points, 4) if has_score and better else None
    score["points_above_keep"] = round(points - keep, 4) if has_score and keep else None
    return score


def _proposal(con: Any, entity_id: str, day: str) -> dict[str, Any] | None:
    """What fired last, up to the end of a day, and what it lost against."""
    found = _rows(
        con,
        "select cast(evaluation_date as varchar) as evaluation_date, from_segment_code,"
        " to_segment_code, cause, rule_id, rule_version, metric_value, threshold,"
        " held_evaluations_count, is_move, cast(effective_date as varchar) as effective_date,"
        " approval, approval_state, waits_for,"
        " cast(waiting_since_date as varchar) as waiting_since_date,"
        " approved_by, blocked_by, losers, is_restatement, request_id, contract_id,"
        " reason from mart_reclass_proposal where entity_id = ? and scheme_id = ?"
        " and evaluation_date <= cast(? as date) order by evaluation_date desc limit 1",
        [entity_id, _SCHEME, day],
    )
    return found[0] if found else None


def _history(con: Any, entity_id: str, known_at: str) -> list[dict[str, Any]]:
    return _rows(
        con,
        "select event_seq, cast(cast(recorded_at as date) as varchar) as decided_on,"
        " cast(event.valid_from as varchar) as valid_from, event.from_segment_code,"
        " event.to_segment_code, event.rule_id, event.reason, cast(score as double) as score,"
        " event.cause, event.request_id, proposal.approved_by"
        " from fct_segment_event as event"
        " left join mart_reclass_proposal as proposal using (proposal_id)"
        " where event.entity_id = ? and event.scheme_id = ?"
        " and recorded_at < cast(? as date) + interval 1 day order by event_seq",
        [entity_id, _SCHEME, known_at],
    )
