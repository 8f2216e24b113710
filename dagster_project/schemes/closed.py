"""The closed month that the analyses of schemes are made of, and what was known by then.

An analysis describes the last evaluated month and reads only rows that were known at its
evaluation, so what a later day brings changes nothing until the next month is evaluated. What one
analysis computes does not belong here.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.analytics.inputs import closed_month
from dagster_project.analytics.tables import Tables
from dagster_project.schemes.reader import History, said_tables
from dagster_project.segmentation import asked
from dagster_project.segmentation.columns import day_numbers
from dagster_project.segmentation.history import NEVER, Entities
from dagster_project.segmentation.run import read_activity


@dataclass(frozen=True)
class Closed:
    """The last evaluated month: counted as in ``closed_month``, and when it was evaluated.

    ``initial_load_end``: what was known by then came with the first load and counts as known in
    time, as in ``int_customer__month``.
    """

    month: int
    lag_days: int
    initial_load_end: datetime = datetime.min

    @property
    def start(self) -> date:
        """First day of the month."""
        return first_day(self.month)

    @property
    def end(self) -> date:
        """Last day of the month."""
        return first_day(self.month + 1) - timedelta(days=1)

    @property
    def evaluated_at(self) -> datetime:
        """Record time of its evaluation, UTC: what was believed later does not count."""
        day = first_day(self.month + 1) + timedelta(days=self.lag_days)
        return datetime(day.year, day.month, day.day)

    @property
    def known_at(self) -> datetime:
        """Facts known later than this do not count."""
        return max(self.evaluated_at, self.initial_load_end)

    def before(self, months: int) -> date:
        """First day of the month so many months earlier."""
        return first_day(self.month - months)


def first_day(month: int) -> date:
    """Return the first day of a month, counted as in ``closed_month``."""
    return date(month // 12, month % 12 + 1, 1)


def last_closed(tables: Tables, as_of: str) -> Closed:
    """Return the last month that was evaluated by the end of the logical date.

    Args:
        tables: A warehouse with the policy seed ``segment_scheme`` and ``int_order__header``.
        as_of: Last day that the data cover, ``YYYY-MM-DD``.
    """
    columns = ["status", "record_lag_days", "initial_load_days"]
    schemes = tables.read("policy.segment_scheme", columns).to_pylist()
    active = [row for row in schemes if row["status"] == "ACTIVE"]
    lag = max((int(row["record_lag_days"]) for row in active), default=0)
    load_days = max((int(row["initial_load_days"]) for row in active), default=0)
    known = tables.read("intermediate.int_order__header", ["known_at"])["known_at"]
    first = pc.min(known.cast(pa.timestamp("us"))).as_py()
    load_end = datetime.min
    if first is not None:
        end = datetime(first.year, first.month, first.day) + timedelta(days=load_days)
        load_end = end - timedelta(microseconds=1)
    return Closed(closed_month(as_of, lag), lag, load_end)


def closed_history(tables: Tables, closed: Closed) -> History:
    """Return entities and activity as the evaluation of the closed month knew them.

    Entities are those that existed by the end of the month, ordered by id.
    """
    table = tables.read("intermediate.int_segment__entity").sort_by("entity_id")
    activity = read_activity(tables, _entities(table))
    known = pc.less_equal(table["start_date"].cast(pa.date32()), pa.scalar(closed.end))
    keep = pc.fill_null(known, False).to_numpy(zero_copy_only=False).astype(bool)
    entities = _entities(table.filter(pa.array(keep)))
    place = np.cumsum(keep) - 1
    chosen = (np.maximum(activity.known_month, activity.activity_month) <= closed.month) & keep[
        activity.entity
    ]
    return History(
        entities,
        type(activity)(
            place[activity.entity[chosen]],
            activity.activity_month[chosen],
            activity.known_month[chosen],
            activity.first_order_day[chosen],
            activity.last_order_day[chosen],
            {name: values[chosen] for name, values in activity.measures.items()},
        ),
        # The day before the record time: on it the month counts as evaluated, the next does not.
        (closed.evaluated_at - timedelta(days=1)).date().isoformat(),
        said_tables(tables),
        tuple(
            one
            for one in asked.read_decisions(tables)
            if one.decided_at.replace(tzinfo=None) <= closed.evaluated_at
        ),
    )


def _entities(table: pa.Table) -> Entities:
    """The start of an entity instead of its first activity, which a later month may still bring."""
    return Entities(
        entity_id=table["entity_id"].to_pylist(),
        created_day=day_numbers(table["created_date"], -NEVER),
        first_activity_day=day_numbers(table["start_date"], NEVER),
        is_excluded=table["is_excluded"].to_numpy().astype(bool),
        exclusion_reason=[reason or "" for reason in table["exclusion_reason"].to_pylist()],
    )


def segments_then(tables: Tables, closed: Closed, day: date | None = None) -> pa.Table:
    """Return scheme, entity and segment in force on a day, as the evaluation of the month knew it.

    Args:
        tables: A warehouse with ``analytics.segment_assignment``.
        closed: The closed month.
        day: Day of valid time; the last day of the month when not given.

    Returns:
        Columns ``scheme_id``, ``entity_id`` and ``segment_code``, in no particular order.
    """
    table = tables.read("analytics.segment_assignment")
    moment = pa.scalar(closed.evaluated_at, pa.timestamp("us"))
    on = pa.scalar(day or closed.end)
    recorded = table["recorded_from"].cast(pa.timestamp("us"))
    until = table["recorded_to"].cast(pa.timestamp("us"))
    believed = pc.and_(pc.less_equal(recorded, moment), pc.greater(until, moment))
    valid = pc.and_(pc.less_equal(table["valid_from"], on), pc.greater(table["valid_to"], on))
    found = table.filter(pc.and_(believed, valid))
    return found.select(["scheme_id", "entity_id", "segment_code"])
