"""Reads orders, complaints and scores around changes of tier and writes what the changes did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.analytics.inputs import months, numbers
from dagster_project.analytics.tables import Tables
from dagster_project.schemes.answers import known_answers
from dagster_project.schemes.closed import Closed, closed_history, first_day, segments_then
from dagster_project.schemes.outputs import table_of
from dagster_project.schemes.perception import SPAN, effect, tier_changes
from dagster_project.schemes.policy import Settings
from dagster_project.schemes.reader import History
from dagster_project.segmentation.policy import Scheme
from dagster_project.segmentation.scores import UNIT, FloatArray, IntArray

COMPLAINT_COLUMNS = ("entity_id", "opened_month", "complaints_count")
OUTCOMES = ("ORDERS", "NET_REVENUE", "COMPLAINTS", "NPS", "CSAT")


@dataclass(frozen=True)
class People:
    """Customers by position, and the tier of each by month; 0 for none."""

    names: list[str]
    place: Mapping[str, int]
    first_month: int
    rank: IntArray


def people(tables: Tables, closed: Closed, history: History, scheme: Scheme) -> People:
    """Return the customers of a scheme and their tiers at the end of each month since the first."""
    names = history.entities.entity_id
    place = {name: k for k, name in enumerate(names)}
    first = history.activity.first_month or closed.month
    rank_of = {tier.code: k + 1 for k, tier in enumerate(scheme.tiers)}
    rank = np.zeros((len(names), closed.month - first + 1), dtype=np.int64)
    for k, month in enumerate(range(first, closed.month + 1)):
        last = first_day(month + 1) - timedelta(days=1)
        found = segments_then(tables, closed, last)
        found = found.filter(pc.equal(found["scheme_id"], scheme.scheme_id))
        pairs = zip(found["entity_id"].to_pylist(), found["segment_code"].to_pylist(), strict=True)
        for name, code in pairs:
            if name in place:
                rank[place[name], k] = rank_of.get(code, 0)
    return People(names, place, first, rank)


def impact_table(
    tables: Tables, closed: Closed, settings: Settings, schemes: Sequence[Scheme]
) -> pa.Table:
    """Return the event study of tier changes by direction and outcome, month by month around."""
    history = closed_history(tables, closed)
    party = tables.read("intermediate.int_customer__party", ("entity_id", "region"))
    rows: list[dict[str, Any]] = []
    for scheme in schemes:
        who = people(tables, closed, history, scheme)
        if who.rank.shape[1] <= 2 * SPAN:
            continue
        events = tier_changes(who.rank)
        outcomes, size = _outcomes(tables, closed, history, who)
        region = _regions(party, who)
        for is_up in (True, False):
            for name in OUTCOMES:
                found = effect(
                    outcomes[name],
                    who.rank,
                    region,
                    size,
                    events,
                    is_up,
                    settings.impact_min_events,
                )
                if not found.events:
                    continue
                shared = {
                    "scheme_id": scheme.scheme_id,
                    "direction": "UP" if is_up else "DOWN",
                    "outcome": name,
                    "events_count": found.events,
                    "judged_events_count": found.judged,
                    "estimate": found.estimate,
                    "interval_low": found.low,
                    "interval_high": found.high,
                    "is_descriptive_only": found.low is None,
                    "null_reason": None if found.judged else "no outcome before and after",
                }
                rows += [
                    shared
                    | {
                        "relative_months": k - SPAN,
                        "treated_change": found.treated[k] if found.judged else None,
                        "control_change": found.control[k] if found.judged else None,
                    }
                    for k in range(2 * SPAN + 1)
                ]
    return table_of("perception_impact", rows, as_of_month=closed.start)


def _outcomes(
    tables: Tables, closed: Closed, history: History, who: People
) -> tuple[dict[str, FloatArray], FloatArray]:
    """Outcomes by entity and month, and the revenue of the twelve months up to each."""
    shape = who.rank.shape
    activity = history.activity
    column = activity.activity_month - who.first_month
    counted = {}
    for name, measure, unit in (
        ("ORDERS", "orders_count", 1),
        ("NET_REVENUE", "net_amount_group", UNIT),
    ):
        grid = np.zeros(shape, dtype=np.int64)
        np.add.at(grid, (activity.entity, column), activity.measures[measure])
        counted[name] = grid / unit
    known = np.zeros(shape[1], dtype=bool)
    complaints = tables.read("intermediate.int_scheme__complaint", COMPLAINT_COLUMNS)
    filed = np.zeros(shape)
    entity, month = _cells(complaints["entity_id"], months(complaints["opened_month"]), who)
    inside = (entity >= 0) & (month >= 0) & (month < shape[1])
    np.add.at(
        filed, (entity[inside], month[inside]), numbers(complaints["complaints_count"])[inside]
    )
    # Before the first complaint of anybody nobody wrote them down.
    if inside.any():
        known[int(month[inside].min()) :] = True
    counted["COMPLAINTS"] = np.where(known[None, :], filed, np.nan)
    answers = known_answers(tables, closed)
    for kind in ("NPS", "CSAT"):
        counted[kind] = _scores(answers.filter(pc.equal(answers["survey_type"], kind)), who)
    total = np.cumsum(counted["NET_REVENUE"], axis=1)
    size = total.copy()
    size[:, 12:] -= total[:, :-12]
    return counted, size


def _cells(entities: pa.ChunkedArray, month: IntArray, who: People) -> tuple[IntArray, IntArray]:
    entity = [who.place.get(name, -1) for name in entities.to_pylist()]
    return np.array(entity, dtype=np.int64), month - who.first_month


def _scores(answers: pa.Table, who: People) -> FloatArray:
    """Mean score by entity and month, NaN without an answer."""
    scored = answers.filter(pc.is_valid(answers["score"]))
    entity, month = _cells(scored["entity_id"], months(scored["submitted_date"]), who)
    inside = (entity >= 0) & (month >= 0) & (month < who.rank.shape[1])
    total, count = np.zeros(who.rank.shape), np.zeros(who.rank.shape)
    np.add.at(total, (entity[inside], month[inside]), numbers(scored["score"])[inside])
    np.add.at(count, (entity[inside], month[inside]), 1)
    return np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)


def _regions(party: pa.Table, who: People) -> IntArray:
    """Number of the region of each entity; of several the first by name."""
    first: dict[str, str] = {}
    for row in party.sort_by([("entity_id", "ascending"), ("region", "ascending")]).to_pylist():
        first.setdefault(row["entity_id"], row["region"] or "")
    names = {name: k for k, name in enumerate(sorted(set(first.values())))}
    return np.array([names.get(first.get(name, ""), 0) for name in who.names], dtype=np.int64)
