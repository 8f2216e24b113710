"""The tables that the engine leaves in schema ``analytics``, as Arrow with fixed types.

Ids are made from what they name, so that the same decision has the same id in every build.
"""

import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa

from dagster_project.reclassification import wording
from dagster_project.segmentation.assignments import OPEN_DAY, Decision, beliefs, known_until
from dagster_project.segmentation.columns import date_array, decimal_array, timestamp_array
from dagster_project.segmentation.history import Entities, first_day_of
from dagster_project.segmentation.outcome import Evaluation, Event, Outcome
from dagster_project.segmentation.policy import Scheme
from dagster_project.segmentation.proposed import proposal_name, proposal_table, source_of
from dagster_project.segmentation.schemas import SCHEMAS
from dagster_project.segmentation.scores import UNIT, IntArray
from dagster_project.segmentation.scoring import STATUS
from dagster_project.segmentation.told import Told

_SHARE_UNIT = 1_000_000


def build_tables(
    entities: Entities, scheme: Scheme, outcome: Outcome, told: Told
) -> dict[str, pa.Table]:
    """Return the tables of one scheme, in a fixed order of rows."""
    events = _events(entities, scheme, outcome, told)
    return {
        "segment_score": _concat(
            "segment_score", [_parts(entities, scheme, e) for e in outcome.evaluations]
        ),
        "segment_total": _concat(
            "segment_total", [_totals(entities, scheme, e) for e in outcome.evaluations]
        ),
        "segment_event": pa.Table.from_pylist(events, schema=SCHEMAS["segment_event"]),
        "segment_assignment": _assignments(events, _merged(entities)),
        "segment_proposal": proposal_table(entities, outcome, told, scheme.approval_enforced),
    }


def _concat(name: str, tables: list[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables) if tables else SCHEMAS[name].empty_table()


def _repeat(text: str | None, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), count)


def _names(entities: Entities, index: IntArray) -> pa.Array:
    return pa.array(entities.entity_id, pa.string()).take(pa.array(index))


def _parts(entities: Entities, scheme: Scheme, evaluation: Evaluation) -> pa.Table:
    population = evaluation.population
    count, width = population.values.shape
    rows = count * width
    scores = population.scores
    attributes = pa.array([rule.attribute_id for rule in scheme.attributes], pa.string())
    shares = [
        np.rint(part.ravel() * _SHARE_UNIT).astype(np.int64)
        for part in (scores.percentiles, scores.weights)
    ]
    return pa.table(
        [
            _repeat(scheme.scheme_id, rows),
            _names(entities, np.repeat(population.entity, width)),
            date_array(np.full(rows, first_day_of(evaluation.month))),
            attributes.take(pa.array(np.tile(np.arange(width), count))),
            decimal_array(population.values.ravel(), 18, 4, population.missing.ravel()),
            decimal_array(shares[0], 9, 6),
            decimal_array(shares[1], 9, 6),
            decimal_array(scores.contributions.ravel(), 9, 4),
        ],
        schema=SCHEMAS["segment_score"],
    )


def _totals(entities: Entities, scheme: Scheme, evaluation: Evaluation) -> pa.Table:
    count = len(evaluation.entity)
    without = evaluation.score < 0
    tiers = len(scheme.tiers)
    own = np.where(evaluation.segment < tiers, evaluation.segment, -1)
    ups = np.array([tier.up for tier in scheme.tiers])
    downs = np.array([tier.down for tier in scheme.tiers])
    codes = pa.array(scheme.codes, pa.string())
    no_better, no_worse = own < 1, (own < 0) | (own == tiers - 1)
    # Sorting the negated scores makes equal scores share the best rank.
    ranked = np.sort(-evaluation.score[~without])
    rank = np.searchsorted(ranked, -evaluation.score, side="left") + 1
    better = np.where(no_better, 0, own - 1)
    return pa.table(
        [
            _repeat(scheme.scheme_id, count),
            _names(entities, evaluation.entity),
            date_array(np.full(count, first_day_of(evaluation.month))),
            timestamp_array(np.full(count, evaluation.recorded_day)),
            pa.array(STATUS, pa.string()).take(pa.array(evaluation.status)),
            codes.take(pa.array(evaluation.segment)),
            decimal_array(evaluation.score, 9, 4, without),
            pa.array(rank, pa.int64(), mask=without),
            pa.array(np.full(count, len(ranked)), pa.int64()),
            pa.array(evaluation.order_count, pa.int64()),
            pa.array(np.where(no_better, 0, evaluation.up_streak), pa.int64()),
            pa.array(np.where(no_worse, 0, evaluation.down_streak), pa.int64()),
            codes.take(pa.array(better, mask=no_better)),
            decimal_array(ups[better], 9, 4, no_better),
            decimal_array(downs[np.where(no_worse, 0, own)], 9, 4, no_worse),
        ],
        schema=SCHEMAS["segment_total"],
    )


# Events and assignments -------------------------------------------------------------------------


def _events(entities: Entities, scheme: Scheme, outcome: Outcome, told: Told) -> list[dict]:
    evaluations = {evaluation.month: evaluation for evaluation in outcome.evaluations}
    by_entity: dict[int, list[Event]] = defaultdict(list)
    for event in outcome.events:
        by_entity[event.entity].append(event)
    ordered = [
        (event, seq)
        for entity in sorted(by_entity)
        for seq, event in enumerate(by_entity[entity], start=1)
    ]
    # An event is named by what was decided about whom and when, not by the wording of the rules.
    names = [
        f"event|{scheme.scheme_id}|{entities.entity_id[event.entity]}"
        f"|{_day(event.recorded_day)}|{event.after}"
        for event, _ in ordered
    ]
    proposals = wording.ids(
        [
            proposal_name(
                outcome,
                entities.entity_id[event.entity],
                event.recorded_day if event.proposed_day is None else event.proposed_day,
            )
            for event, _ in ordered
        ]
    )
    rows = zip(ordered, wording.ids(names), proposals, strict=True)
    return [
        _event(entities, scheme, evaluations, event, told)
        | {
            "event_id": event_id,
            "event_seq": seq,
            "proposal_id": None if event.before is None else proposal_id,
        }
        for (event, seq), event_id, proposal_id in rows
    ]


def _event(
    entities: Entities,
    scheme: Scheme,
    evaluations: dict[int, Evaluation],
    event: Event,
    told: Told,
) -> dict:
    month, evaluation = None, None
    if event.evaluation_month is not None:
        month = _day(first_day_of(event.evaluation_month))
        evaluation = evaluations[event.evaluation_month]
    source = source_of(told, event.cause, event.place)
    return {
        "scheme_id": scheme.scheme_id,
        "entity_id": entities.entity_id[event.entity],
        "evaluation_month": month,
        "from_segment_code": event.before,
        "to_segment_code": event.after,
        "valid_from": _day(event.valid_from_day),
        "recorded_at": datetime(1970, 1, 1) + timedelta(days=event.recorded_day),
        "rule_id": event.rule,
        "reason": source.words or event.reason,
        "score": None if event.score is None else Decimal(event.score) / UNIT,
        "values_json": _values(scheme, evaluation, event),
        "cause": event.cause,
        "rule_version": event.rule_version,
        "request_id": event.request_id or source.request_id,
        "contract_id": source.contract_id,
    }


def _values(scheme: Scheme, evaluation: Evaluation | None, event: Event) -> str | None:
    if evaluation is None:
        return None
    population = evaluation.population
    row = int(np.searchsorted(population.entity, event.entity))
    if row == len(population.entity) or population.entity[row] != event.entity:
        return None
    values = {
        rule.attribute_id: None
        if population.missing[row, k]
        else f"{Decimal(int(population.values[row, k])) / UNIT:.4f}"
        for k, rule in enumerate(scheme.attributes)
    }
    return json.dumps(values, sort_keys=True)


def _merged(entities: Entities) -> dict[str, int]:
    """By entity that ended with a merge: the moment from which nothing is believed of it."""
    days = entities.family.merged_day
    if days is None:
        return {}
    ended = np.flatnonzero(days < OPEN_DAY)
    return {entities.entity_id[k]: int(days[k]) for k in ended.tolist()}


def _assignments(events: list[dict], merged: dict[str, int]) -> pa.Table:
    by_entity: dict[str, list[dict]] = defaultdict(list)
    for event in events:
        by_entity[event["entity_id"]].append(event)
    names = [field.name for field in SCHEMAS["segment_assignment"]]
    columns: dict[str, list] = {name: [] for name in names}
    for decided in by_entity.values():
        decisions = [
            Decision(
                event["to_segment_code"],
                _number(event["valid_from"]),
                _number(event["recorded_at"]),
                event["event_seq"],
            )
            for event in decided
        ]
        for row in known_until(beliefs(decisions), merged.get(decided[0]["entity_id"], OPEN_DAY)):
            event = decided[row.event_seq - 1]
            for name in ("scheme_id", "entity_id", "event_id", "event_seq", "rule_id", "reason"):
                columns[name].append(event[name])
            columns["segment_code"].append(row.segment)
            for name in ("valid_from", "valid_to", "recorded_from", "recorded_to"):
                columns[name].append(getattr(row, name))
    for name in ("valid_from", "valid_to"):
        columns[name] = date_array(np.array(columns[name], dtype=np.int64))
    for name in ("recorded_from", "recorded_to"):
        columns[name] = timestamp_array(np.array(columns[name], dtype=np.int64))
    return pa.table([columns[name] for name in names], schema=SCHEMAS["segment_assignment"])


def _day(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)


def _number(day: date) -> int:
    return day.toordinal() - date(1970, 1, 1).toordinal()
