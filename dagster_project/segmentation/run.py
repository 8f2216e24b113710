"""Runs the active schemes on the warehouse: intermediate and policy tables in, analytics out.

The only module of the package that knows table names. Add an input by adding it to ``INPUTS``
(the build makes sure that it is there first) and an output by adding a table in ``output.py``.
"""

import time
from typing import Any

import numpy as np
import pyarrow as pa

from dagster_project.analytics.tables import Tables
from dagster_project.errors import TierlineError
from dagster_project.segmentation import output
from dagster_project.segmentation.attributes import MEASURES
from dagster_project.segmentation.columns import day_numbers, ten_thousandths, whole
from dagster_project.segmentation.engine import Outcome, evaluate
from dagster_project.segmentation.history import NEVER, Activity, Entities
from dagster_project.segmentation.policy import Scheme, parse_policy

INPUTS = (
    "int_customer__month",
    "int_segment__entity",
    "segment_scheme",
    "segment",
    "segment_threshold",
    "scheme_attribute",
)
"""dbt models and seeds that must stand before the analytics run."""

OUTPUTS = ("segment_score", "segment_total", "segment_event", "segment_assignment")
"""Tables of schema ``analytics`` that are written."""


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
    activity = read_activity(tables, entities)
    summary: dict[str, Any] = {}
    parts: dict[str, list[pa.Table]] = {name: [] for name in OUTPUTS}
    for scheme in schemes:
        started = time.perf_counter()
        outcome = evaluate(entities, activity, scheme, as_of)
        for name, table in output.build_tables(entities, scheme, outcome).items():
            parts[name].append(table)
        summary[scheme.scheme_id] = _summarise(outcome, scheme, time.perf_counter() - started)
    for name in OUTPUTS:
        empty = output.SCHEMAS[name].empty_table()
        tables.write(f"analytics.{name}", pa.concat_tables(parts[name]) if parts[name] else empty)
    return summary


def read_policy(tables: Tables) -> list[Scheme]:
    """Return the active schemes of the policy seeds."""
    names = ("segment_scheme", "segment", "segment_threshold", "scheme_attribute")
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
    )


def read_activity(tables: Tables, entities: Entities) -> Activity:
    """Return the monthly activity of known entities."""
    table = tables.read("intermediate.int_customer__month").combine_chunks()
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
