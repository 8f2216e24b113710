"""What was known about each customer at each monthly evaluation.

Turns the rows of ``int_customer__month`` into windows of measures. A row has the month of its
activity and the month of the first evaluation that knew it; an evaluation sees a row when both are
not later than itself. Facts that arrive late therefore never change an evaluation already made,
and the windows do not depend on the order of the rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from dagster_project.reclassification.scope import Words
from dagster_project.segmentation.attributes import MEASURES, Window
from dagster_project.segmentation.scores import BoolArray, FloatArray, IntArray

NEVER = -(10**6)
"""Day number of something that has not happened."""


@dataclass(frozen=True)
class Family:
    """Parents by position, -1 for none; ``None`` where nobody has one, or nothing ever changed.

    ``former_parent`` holds before ``since_day`` and ``parent`` from then on, which is the day on
    which accounts came from another family, or the parent became another (valid time). From
    ``end_day`` on nobody belongs to the entity any more. From ``merged_day`` on (record time) it is
    known to be one with ``merged_into``: nothing is believed of it by itself any more.
    """

    parent: IntArray | None = None
    former_parent: IntArray | None = None
    since_day: IntArray | None = None
    end_day: IntArray | None = None
    merged_day: IntArray | None = None
    merged_into: IntArray | None = None

    @property
    def has_parents(self) -> bool:
        """Whether anybody has or had a parent."""
        return self.parent is not None or self.former_parent is not None

    def parent_on(self, day: int) -> IntArray | None:
        """Parents on a day; null where nobody ever had one."""
        if self.since_day is None or self.former_parent is None or self.parent is None:
            return self.parent
        return np.where(self.since_day <= day, self.parent, self.former_parent)

    def lives(self, day: int, count: int) -> BoolArray:
        """Which of ``count`` entities still have members on a day."""
        result = np.ones(count, dtype=bool)
        for last in (self.end_day, self.merged_day):
            if last is not None:
                result &= last > day
        return result

    def merged_on(self, day: int) -> tuple[IntArray, IntArray]:
        """Who is merged on a day, and into whom."""
        if self.merged_day is None or self.merged_into is None:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        who = np.flatnonzero((self.merged_day == day) & (self.merged_into >= 0))
        return who, self.merged_into[who]


@dataclass(frozen=True)
class Entities:
    """One element per entity, ordered by id. Days are counted from 1970-01-01."""

    entity_id: list[str]
    created_day: IntArray
    first_activity_day: IntArray
    is_excluded: BoolArray
    exclusion_reason: list[str]
    traits: Mapping[str, FloatArray | Words] = field(default_factory=dict)
    """What rules may ask about an entity that no month changes, by name of the attribute."""
    family: Family = field(default_factory=Family)
    """Who belongs to whom, and since when."""

    def __len__(self) -> int:
        return len(self.entity_id)

    @property
    def start_day(self) -> IntArray:
        """First day on which the entity is known to exist; ``NEVER`` means no activity."""
        active = self.first_activity_day > NEVER
        return np.where(
            active, np.minimum(self.created_day, self.first_activity_day), self.created_day
        )


@dataclass(frozen=True)
class Activity:
    """Rows of activity. Months are counted from year 0; amounts are in ten-thousandths."""

    entity: IntArray
    activity_month: IntArray
    known_month: IntArray
    first_order_day: IntArray
    last_order_day: IntArray
    measures: dict[str, IntArray]

    @property
    def first_month(self) -> int | None:
        return int(self.activity_month.min()) if len(self.activity_month) else None


def month_number(day: np.datetime64) -> int:
    """Months from year 0 to the month of a day."""
    return int(day.astype("datetime64[M]").astype(int)) + 1970 * 12


def first_day_of(month: int) -> int:
    """Day number of the first day of a month."""
    start = np.datetime64(month - 1970 * 12, "M").astype("datetime64[D]")
    return int(start.astype(int))


class Knowledge:
    """Replays the rows month by month; ``advance`` must be called for every month in order."""

    def __init__(self, activity: Activity, entity_count: int, months: range, window: int) -> None:
        self._activity, self._months, self._window = activity, months, window
        self._rows_by_month = self._split()
        self._ring = {name: np.zeros((entity_count, window), dtype=np.int64) for name in MEASURES}
        self._is_active = np.zeros((entity_count, len(months)), dtype=bool)
        self.order_count = np.zeros(entity_count, dtype=np.int64)
        self.first_order_day = np.full(entity_count, -NEVER, dtype=np.int64)
        self.last_order_day = np.full(entity_count, NEVER, dtype=np.int64)

    def _split(self) -> dict[int, IntArray]:
        known = np.maximum(self._activity.known_month, self._activity.activity_month)
        order = np.argsort(known, kind="stable")
        if not len(order):
            return {}
        values, starts = np.unique(known[order], return_index=True)
        return {
            int(value): rows
            for value, rows in zip(values, np.split(order, starts[1:]), strict=True)
        }

    def advance(self, month: int) -> Window:
        """Take in what became known by this evaluation and return its window."""
        for ring in self._ring.values():
            ring[:, month % self._window] = 0
        if month in self._rows_by_month:
            self._learn(self._rows_by_month[month], month)
        columns = [m % self._window for m in range(month - self._window + 1, month + 1)]
        return Window({name: ring[:, columns] for name, ring in self._ring.items()})

    def _learn(self, rows: IntArray, month: int) -> None:
        a = self._activity
        entity, active = a.entity[rows], a.activity_month[rows]
        recent = active > month - self._window
        place = (entity[recent], active[recent] % self._window)
        for name, ring in self._ring.items():
            np.add.at(ring, place, a.measures[name][rows][recent])
        orders = a.measures["orders_count"][rows]
        ordered = orders > 0
        entity, active, rows = entity[ordered], active[ordered], rows[ordered]
        np.add.at(self.order_count, entity, orders[ordered])
        np.minimum.at(self.first_order_day, entity, a.first_order_day[rows])
        np.maximum.at(self.last_order_day, entity, a.last_order_day[rows])
        self._is_active[entity, active - self._months.start] = True

    def interval_quantile_months(self, entities: IntArray, quantile_pct: float) -> FloatArray:
        """Nearest-rank quantile of the months between active months; zero without an interval."""
        result = np.zeros(len(entities))
        for position, entity in enumerate(entities):
            gaps = np.sort(np.diff(np.flatnonzero(self._is_active[entity])))
            if len(gaps):
                rank = int(np.ceil(quantile_pct / 100 * len(gaps)))
                result[position] = gaps[max(rank, 1) - 1]
        return result
