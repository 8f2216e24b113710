"""Runs the active schemes on the warehouse: intermediate and policy tables in, analytics out.

The only module of the package that knows table names. Add an input by adding it to ``INPUTS``
(the build makes sure that it is there first) and an output by adding a table in ``output.py``.
"""

import json
import time
from typing import Any

import numpy as np
import pyarrow as pa

from dagster_project.analytics.inputs import closed_month, fingerprint, month_start
from dagster_project.analytics.tables import Tables
from dagster_project.errors import TierlineError
from dagster_project.governance.decisions import Decision
from dagster_project.reclassification.scope import Words
from dagster_project.segmentation import asked, output, promised
from dagster_project.segmentation.attributes import MEASURES
from dagster_project.segmentation.columns import day_numbers, ten_thousandths, whole
from dagster_project.segmentation.engine import Outcome, evaluate
from dagster_project.segmentation.happened import too_late
from dagster_project.segmentation.history import NEVER, Activity, Entities
from dagster_project.segmentation.policy import Scheme, parse_policy
from dagster_project.segmentation.recut import recut_table
from dagster_project.segmentation.schemas import SCHEMAS
from dagster_project.segmentation.told import Told

INPUTS = (
    "int_customer__month",
    "int_segment__entity",
    "segment_scheme",
    "segment",
    "segment_threshold",
    "scheme_attribute",
    "reclass_rule",
    *asked.INPUTS,
    *promised.INPUTS,
)
"""dbt models and seeds that must stand before the analytics run."""

OUTPUTS = (
    "segment_score",
    "segment_total",
    "segment_event",
    "segment_assignment",
    "segment_recut",
    "segment_proposal",
    "segment_mark",
)
"""Tables of schema ``analytics`` that are written, or kept where nothing changed."""

_ACTIVITY = "intermediate.int_customer__month"
_MARK = "analytics.segment_mark"
_DATES = ("activity_month", "known_month", "first_order_date", "last_order_date")
_COLUMNS = ("entity_id", *_DATES, *MEASURES)


def run_segmentation(tables: Tables, as_of: str) -> dict[str, Any]:
    """Score and segment all entities up to a logical date.

    Args:
        tables: The warehouse.
        as_of: Last day that the data cover, ``YYYY-MM-DD``.

    Returns:
        Per scheme: entities by segment, evaluations, events and seconds.

    Raises:
        UsageError: The policy contradicts itself.
    """
    schemes = read_policy(tables)
    entities = read_entities(tables)
    decisions = asked.read_decisions(tables)
    heard = [read_told(tables, scheme, entities, decisions) for scheme in schemes]
    mark = _mark(tables, as_of, schemes, entities, [told for told, _ in heard])
    if (found := _kept(tables, mark)) is not None:
        return found
    activity = read_activity(tables, entities)
    summary: dict[str, Any] = {}
    parts: dict[str, list[pa.Table]] = {name: [] for name in OUTPUTS}
    for scheme, (told, unused) in zip(schemes, heard, strict=True):
        started = time.perf_counter()
        outcome = evaluate(entities, activity, scheme, as_of, told)
        for name, table in output.build_tables(entities, scheme, outcome, told).items():
            parts[name].append(table)
        parts["segment_recut"].append(recut_table(entities, activity, scheme, as_of, told))
        summary[scheme.scheme_id] = unused | _summarise(
            outcome, scheme, time.perf_counter() - started
        )
    kept = {"input_mark": [mark], "summary_json": [json.dumps(summary)]}
    parts["segment_mark"] = [pa.table(kept, SCHEMAS["segment_mark"])]
    for name in OUTPUTS:
        empty = SCHEMAS[name].empty_table()
        tables.write(f"analytics.{name}", pa.concat_tables(parts[name]) if parts[name] else empty)
    return summary


def _mark(
    tables: Tables, as_of: str, schemes: list[Scheme], entities: Entities, told: list[Told]
) -> str:
    """Mark of everything that the result follows from.

    A day that closes no month and on which nothing begins or ends changes nothing, however many
    orders it brings: those are looked at when their month is evaluated.
    """
    lag = schemes[0].record_lag_days if schemes else 0
    last = month_start(closed_month(as_of, lag)).astype(object)
    activity = tables.digest(_ACTIVITY, _COLUMNS, {"known_month": last})
    end = int(np.datetime64(as_of, "D").astype(int)) + 1
    days = [len(one.days(entities.start_day, end, every_contract=True)) for one in told]
    said = [
        part
        for one in told
        for part in (one, one.promises, one.wishes, one.verdicts, one.family, one.calendar)
    ]
    parts = [value for part in (entities, *said) if part for value in vars(part).values()]
    plain = [part for part in parts if isinstance(part, np.ndarray | list | None)]
    traits = [v for trait in entities.traits.values() for v in _values(trait)]
    return fingerprint(str(last), days, activity, *plain, *traits, schemes)


def _values(trait: object) -> list[object]:
    return list(vars(trait).values()) if isinstance(trait, Words) else [trait]


def _kept(tables: Tables, mark: str) -> dict[str, Any] | None:
    """The summary of an earlier run on the same inputs whose tables are all there."""
    if not all(tables.has(f"analytics.{name}") for name in OUTPUTS):
        return None
    rows = tables.read(_MARK).to_pylist()
    if [row["input_mark"] for row in rows] != [mark]:
        return None
    return dict(json.loads(rows[0]["summary_json"]))


def read_told(
    tables: Tables, scheme: Scheme, entities: Entities, decisions: list[Decision]
) -> tuple[Told, dict[str, list[str]]]:
    """Return what contracts and people say to a scheme, and what of it cannot be used."""
    wishes, strangers = asked.wishes_of(decisions, scheme, entities.entity_id)
    promises, strange = promised.promises_of(tables, scheme, entities.entity_id)
    calendar, moments, ends = promised.calendar_of(tables)
    promised.check_periods(scheme, calendar.period_starts)
    verdicts = asked.verdicts_of(decisions, scheme, entities.entity_id)
    happened = promised.happened_of(tables, scheme, entities.entity_id)
    told = Told(
        promises, wishes, entities.family, moments, ends, calendar, verdicts, happened=happened
    )
    strangers = sorted({*strangers, *too_late(entities.family, wishes)})
    return told, {"requests_without_entity": strangers, "contracts_without_tier": strange}


def read_policy(tables: Tables) -> list[Scheme]:
    """Return the active schemes of the policy seeds."""
    names = ("segment_scheme", "segment", "segment_threshold", "scheme_attribute", "reclass_rule")
    return parse_policy(*(tables.read(f"policy.{name}").to_pylist() for name in names))


def read_entities(tables: Tables) -> Entities:
    """Return the entities, ordered by id."""
    table = tables.read("intermediate.int_segment__entity").sort_by("entity_id")
    return Entities(
        entity_id=table["entity_id"].to_pylist(),
        created_day=day_numbers(table["created_date"], -NEVER),
        first_activity_day=day_numbers(table["first_activity_date"], NEVER),
        is_excluded=table["is_excluded"].to_numpy().astype(bool),
        exclusion_reason=[reason or "" for reason in table["exclusion_reason"].to_pylist()],
        traits=promised.traits_of(table),
        family=promised.family_of(table),
    )


def read_activity(tables: Tables, entities: Entities) -> Activity:
    """Return the monthly activity of known entities."""
    table = tables.read(_ACTIVITY).combine_chunks()
    place = table["entity_id"].to_numpy(zero_copy_only=False).astype(str)
    known = np.array(entities.entity_id, dtype=str)
    index = np.searchsorted(known, place)
    if not np.array_equal(known[np.minimum(index, len(known) - 1)] if len(known) else known, place):
        raise TierlineError(
            "The segmentation cannot run.",
            "int_customer__month names entities that int_segment__entity does not.",
            "Build both models from the same raw batches: `tierline build --full`.",
        )
    amounts = {name for name in MEASURES if name.endswith("_group")}
    return Activity(
        entity=index.astype(np.int64),
        activity_month=_months(table["activity_month"]),
        known_month=_months(table["known_month"]),
        first_order_day=day_numbers(table["first_order_date"], -NEVER),
        last_order_day=day_numbers(table["last_order_date"], NEVER),
        measures={
            name: ten_thousandths(table[name]) if name in amounts else whole(table[name])
            for name in MEASURES
        },
    )


def _months(column: pa.ChunkedArray) -> np.ndarray:
    days = day_numbers(column, 0).astype("datetime64[D]")
    return days.astype("datetime64[M]").astype(np.int64) + 1970 * 12


def _summarise(outcome: Outcome, scheme: Scheme, seconds: float) -> dict[str, Any]:
    latest = {event.entity: event.after for event in outcome.events}
    decided = [event for event in outcome.events if event.before is not None]
    last = outcome.evaluations[-1].month if outcome.evaluations else None
    return {
        "entities_by_segment": {
            code: sum(1 for segment in latest.values() if segment == code) for code in scheme.codes
        },
        "evaluations": len(outcome.evaluations),
        "last_evaluation_month": f"{last // 12:04d}-{last % 12 + 1:02d}" if last else None,
        "events": len(outcome.events),
        "moves": len(decided),
        "seconds": round(seconds, 3),
    }
