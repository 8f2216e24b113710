"""Where customers stand in two schemes, or in one scheme at two dates.

Reads ``analytics.segment_assignment``; the measures themselves are in ``partitions.py``. Also who
goes to and fro: a move A to B to A within months is a flip-flop.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.analytics.tables import Tables
from dagster_project.errors import UsageError
from dagster_project.schemes.partitions import (
    Contingency,
    FloatCounts,
    adjusted_rand_index,
    contingency,
    cramers_v,
    row_shares,
)
from dagster_project.segmentation.scores import BoolArray, IntArray

ABSENT = "none"
"""Class of an entity that the other side does not know; so row sums are all customers."""

FLIP_FLOP_MONTHS = 6


@dataclass(frozen=True)
class Crosswalk:
    """Entities by segment here and there, agreement, and shares by row (transition matrix)."""

    table: Contingency
    shares: FloatCounts
    adjusted_rand: float
    cramers_v: float | None
    entities: int
    changed: int


def cross(first: dict[str, str], second: dict[str, str]) -> Crosswalk:
    """Cross two divisions given as entity to segment; an entity of one side only counts too."""
    entities = sorted(first.keys() | second.keys())
    a = [first.get(entity, ABSENT) for entity in entities]
    b = [second.get(entity, ABSENT) for entity in entities]
    table = contingency(a, b)
    changed = sum(x != y for x, y in zip(a, b, strict=True))
    return Crosswalk(
        table,
        row_shares(table.counts),
        adjusted_rand_index(table.counts),
        cramers_v(table.counts),
        len(entities),
        changed,
    )


def segments_on(
    tables: Tables, scheme_id: str, day: date, known_on: date | None = None
) -> dict[str, str]:
    """Segment of each entity on a day of business, as believed at the end of another.

    Args:
        tables: A warehouse with ``analytics.segment_assignment``.
        scheme_id: Which scheme.
        day: Day of valid time.
        known_on: Day of record time; the latest belief when not given.

    Raises:
        UsageError: The scheme has no assignment at all.
    """
    table = tables.read("analytics.segment_assignment")
    table = table.filter(pc.equal(table["scheme_id"], scheme_id))
    if not table.num_rows:
        raise UsageError(
            f"There is no scheme {scheme_id} in the work file.",
            "Only active schemes are evaluated.",
            "Look at seeds/policy/segment_scheme.csv.",
        )
    valid = pc.and_(
        pc.less_equal(table["valid_from"], pa.scalar(day)),
        pc.greater(table["valid_to"], pa.scalar(day)),
    )
    # The end of the day is the start of the next; the open end is later than any of them.
    end = date.max if known_on is None else known_on + timedelta(days=1)
    moment = pa.scalar(datetime(end.year, end.month, end.day) - timedelta(microseconds=1))
    moment = moment.cast(pa.timestamp("us"))
    recorded = table["recorded_from"].cast(pa.timestamp("us"))
    until = table["recorded_to"].cast(pa.timestamp("us"))
    believed = pc.and_(pc.less_equal(recorded, moment), pc.greater(until, moment))
    found = table.filter(pc.and_(valid, believed))
    return dict(zip(found["entity_id"].to_pylist(), found["segment_code"].to_pylist(), strict=True))


def flip_flops(
    entity: IntArray,
    month: IntArray,
    before: Sequence[str],
    after: Sequence[str],
    within_months: int = FLIP_FLOP_MONTHS,
) -> BoolArray:
    """Mark the moves that an entity takes back within so many months.

    Args:
        entity: Number of the entity of each move; moves of one entity in the order in which they
            took effect, entities in any order.
        month: Month in which each move took effect, counted from any start.
        before: Segment that was left.
        after: Segment that was entered.
        within_months: Most months between a move and the next.

    Returns:
        One element per move, true for the second move of a flip-flop.
    """
    order = np.argsort(entity, kind="stable")
    who, when = entity[order], month[order]
    left = np.array(before, dtype=str)[order]
    entered = np.array(after, dtype=str)[order]
    marks = np.zeros(len(order), dtype=bool)
    if len(order) > 1:
        same = who[1:] == who[:-1]
        returns = (entered[1:] == left[:-1]) & (left[1:] == entered[:-1])
        marks[1:] = same & returns & (when[1:] - when[:-1] <= within_months)
    result = np.zeros(len(order), dtype=bool)
    result[order] = marks
    return result


def flip_flop_share(entity: IntArray, marks: BoolArray, entities: int) -> float:
    """Share of all entities that went to and fro at least once; 0 without entities."""
    return len(np.unique(entity[marks])) / entities if entities else 0.0
