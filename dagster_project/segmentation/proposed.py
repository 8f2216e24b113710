"""Proposals as a table: what fired, what decided, what it beat, and who stands behind it.

One row per entity, scheme and day on which a rule fired or a level above the rules decided.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from dagster_project.governance.requests.rule_proposals import ROLES
from dagster_project.reclassification import wording
from dagster_project.reclassification.effective import NEVER
from dagster_project.reclassification.vocabulary import CAUSES
from dagster_project.segmentation.columns import date_array
from dagster_project.segmentation.history import Entities, first_day_of
from dagster_project.segmentation.outcome import Outcome, Ruling
from dagster_project.segmentation.told import Told

PROPOSAL = pa.schema(
    [
        ("proposal_id", pa.string()),
        ("scheme_id", pa.string()),
        ("entity_id", pa.string()),
        ("evaluation_date", pa.date32()),
        ("evaluation_month", pa.date32()),
        ("rule_set_version", pa.string()),
        ("from_segment_code", pa.string()),
        ("to_segment_code", pa.string()),
        ("direction", pa.string()),
        ("cause", pa.string()),
        ("rule_id", pa.string()),
        ("rule_version", pa.int64()),
        ("metric_value", pa.float64()),
        ("threshold", pa.float64()),
        ("held_evaluations_count", pa.int64()),
        ("approval", pa.string()),
        ("approval_state", pa.string()),
        ("waits_for", pa.string()),
        ("waiting_since_date", pa.date32()),
        ("approved_by", pa.string()),
        ("effective_date", pa.date32()),
        ("asked_from_date", pa.date32()),
        ("is_move", pa.bool_()),
        ("is_restatement", pa.bool_()),
        ("blocked_by", pa.string()),
        ("losers", pa.string()),
        ("request_id", pa.string()),
        ("contract_id", pa.string()),
        ("reason", pa.string()),
    ]
)

_FLOOR, _WISHES = "CONTRACT_FLOOR", ("MANUAL_OVERRIDE", "CHANGE_REQUEST")


@dataclass(frozen=True)
class Source:
    """The contract or request behind a decision; all null where rules decided alone."""

    request_id: str | None = None
    contract_id: str | None = None
    words: str | None = None
    approval: str | None = None
    approved_by: str | None = None


def source_of(told: Told, cause: str, place: int) -> Source:
    """Return what stands behind a decision of a cause, given the place of contract or request."""
    if place < 0:
        return Source()
    if cause == _FLOOR:
        return Source(contract_id=told.promises.name[place])
    w = told.wishes
    said = (w.words[place], w.approval[place], w.approved_by[place] or None)
    return Source(w.request_id[place], None, *said)


def proposal_name(outcome: Outcome, entity_id: str, day: int) -> str:
    """What the id of a proposal is made from."""
    rules = outcome.rule_set
    date = np.datetime64(day, "D")
    return f"{rules.segments.scheme_id}|{entity_id}|{date}|{rules.version}"


def proposal_table(
    entities: Entities, outcome: Outcome, told: Told, is_enforced: bool = False
) -> pa.Table:
    """Return all proposals, by day and entity; ``is_enforced``: those that need it wait."""
    names = pa.array(entities.entity_id, pa.string())
    tables = [_table(ruling, names, told, is_enforced) for ruling in outcome.rulings]
    return pa.concat_tables(tables) if tables else PROPOSAL.empty_table()


def _table(ruling: Ruling, names: pa.Array, told: Told, is_enforced: bool) -> pa.Table:
    made = ruling.proposals
    known = names.take(pa.array(ruling.who)).to_pylist()
    table = made.table(known, ruling.reasons)
    reasons, routes = [*ruling.reasons], table["approval"].to_pylist()
    requests: list[str | None] = [None] * len(reasons)
    contracts: list[str | None] = [None] * len(reasons)
    people: list[str | None] = [None] * len(reasons)
    for k in np.flatnonzero(ruling.place >= 0).tolist():
        source = source_of(told, CAUSES[made.cause[k]], int(ruling.place[k]))
        requests[k], contracts[k] = source.request_id, source.contract_id
        reasons[k] = source.words or reasons[k]
        routes[k] = source.approval or routes[k]
        people[k] = source.approved_by
    is_move, effective = made.is_move.copy(), made.effective_day.copy()
    since = np.full(len(reasons), NEVER, dtype=np.int64)
    states = _states(ruling, is_enforced)
    waits_for: list[str | None] = [None] * len(reasons)
    for k, standing in ruling.standing.items():
        states[k], since[k] = standing.state, standing.since_day
        requests[k], people[k] = standing.request_id, standing.approved_by
        if standing.state == "WAITING":
            waits_for[k] = " ".join(ROLES[routes[k]])
        if standing.effective_day is not None:
            is_move[k], effective[k] = True, standing.effective_day
    blocked, losers = _losers(ruling)
    tiers = made.rule_set.segments.tier_count
    direction = np.where(
        made.after == made.before,
        2,
        np.where(np.maximum(made.before, made.after) >= tiers, 3, made.after > made.before),
    )
    month = None if ruling.month is None else first_day_of(ruling.month)
    count = len(reasons)
    columns = {
        "evaluation_month": pa.nulls(count, pa.date32())
        if month is None
        else date_array(np.full(count, month)),
        "direction": pa.array(["UP", "DOWN", "NONE", "SPECIAL"]).take(
            pa.array(direction.astype(np.int64))
        ),
        "held_evaluations_count": table["held"],
        "approval": pa.array(routes, pa.string()),
        "approval_state": pa.array(states, pa.string()),
        "waits_for": pa.array(waits_for, pa.string()),
        "waiting_since_date": date_array(since, since == NEVER),
        "approved_by": pa.array(people, pa.string()),
        "effective_date": date_array(effective, ~is_move),
        "is_move": pa.array(is_move),
        "asked_from_date": date_array(
            ruling.asked_day, (ruling.asked_day == NEVER) | ~made.is_move
        ),
        "blocked_by": pa.array(blocked, pa.string()),
        "losers": pa.array(losers, pa.string()),
        "request_id": pa.array(requests, pa.string()),
        "contract_id": pa.array(contracts, pa.string()),
        "reason": pa.array(reasons, pa.string()),
    }
    found = {field.name: columns.get(field.name) for field in PROPOSAL}
    for name in found:
        if found[name] is None:
            found[name] = table[name]
    return pa.table(list(found.values()), schema=PROPOSAL)


def _states(ruling: Ruling, is_enforced: bool) -> list[str]:
    """Where proposals stand that wait for nobody: NOT_NEEDED, or NOT_ENFORCED by the scheme."""
    made = ruling.proposals
    asked = made.is_move & ~made.is_auto & (not is_enforced)
    return ["NOT_ENFORCED" if one else "NOT_NEEDED" for one in asked.tolist()]


def _losers(ruling: Ruling) -> tuple[list[str | None], list[str | None]]:
    """By proposal: what blocked the first loser, and all losers in words."""
    made = ruling.proposals
    lost = made.losers
    known = wording.names(made.rule_set)
    codes = made.rule_set.segments.codes
    loser, blocker = made.names_of_losers()
    texts: dict[tuple[int, int, int], str] = {}
    blocked: list[str | None] = [None] * len(made.entity)
    said: list[str | None] = [None] * len(made.entity)
    places = np.searchsorted(made.entity, lost.entity).tolist()
    rows = zip(places, loser.tolist(), lost.target.tolist(), blocker.tolist(), strict=True)
    for place, one, target, other in rows:
        key = (one, target, other)
        text = texts.get(key)
        if text is None:
            text = f"{known[one]} to {codes[target]}: {known[other]}"
            texts[key] = text
        before = said[place]
        if before is None:
            said[place], blocked[place] = text, known[other]
        else:
            said[place] = f"{before}; {text}"
    return blocked, said
