"""What a day brings to entities beside contracts: families that change, merges, stops for credit.

Add an event by adding it to ``int_segment__happening`` and its kind to ``promised.HAPPENINGS``.
"""

import numpy as np

from dagster_project.reclassification.vocabulary import EXCLUDED
from dagster_project.segmentation.history import Entities, Family
from dagster_project.segmentation.outcome import Event
from dagster_project.segmentation.scores import BoolArray, IntArray
from dagster_project.segmentation.told import Told, Wishes

DISSOLVED = "DISSOLVED"
"""Cause of the end of an entity that all customers have left."""


def happened(told: Told, day: int, who: IntArray) -> dict[str, BoolArray]:
    """Return by kind of event which of some entities have it on a day."""
    family = told.family
    found: dict[str, BoolArray] = {
        kind: np.isin(who, entity[days == day]) for kind, (entity, days) in told.happened.items()
    }
    if family.since_day is not None:
        found["ACQUISITION"] = family.since_day[who] == day
    if family.merged_day is not None:
        found["MERGE"] = np.isin(who, family.merged_on(day)[1])
    return found


def too_late(family: Family, wishes: Wishes) -> list[str]:
    """Return the requests that would count for an entity only after it was merged."""
    if family.merged_day is None:
        return []
    late = np.flatnonzero(wishes.moment >= family.merged_day[wishes.entity])
    return [wishes.request_id[k] for k in late.tolist()]


def merged_segment(family: Family, day: int, segment: IntArray, worst: int) -> IntArray | None:
    """Return the best segment of those who are merged into each entity on a day, -1 for none.

    Args:
        family: Who is merged into whom.
        day: The day; null is returned where nobody is merged on it.
        segment: Segment of each entity before the merge.
        worst: More than any segment.
    """
    merged, into = family.merged_on(day)
    if not len(merged):
        return None
    best = np.full(len(segment), worst, dtype=np.int64)
    np.minimum.at(best, into, segment[merged])
    return np.where(best < worst, best, -1)


def dissolved(
    entities: Entities, codes: tuple[str, ...], segment: IntArray, end: int
) -> list[Event]:
    """Return the ends of entities that nobody belongs to any more: their customers live elsewhere.

    Args:
        entities: Ordered by id.
        codes: Segment codes by number.
        segment: Where each entity stands.
        end: Moment up to which ends count, as day number.
    """
    ends = entities.family.end_day
    if ends is None:
        return []
    reason = "All its customers belong to another family since that day."
    found = []
    for entity in np.flatnonzero((ends < end) & ~entities.is_excluded).tolist():
        day, before = int(ends[entity]), codes[segment[entity]]
        said = (EXCLUDED, day, day, DISSOLVED, DISSOLVED, reason)
        found.append(Event(entity, None, before, *said))
    return found
