"""From the day of a decision to the day from which it holds.

A policy is one or more steps joined by ``+``, for example ``AFTER_NOTICE(30)+NEXT_FISCAL_PERIOD``.
``NEXT_MONTH``, ``NEXT_FISCAL_PERIOD`` and ``NEXT_QUARTER`` mean the first such day that is not
before the day reached so far. Days count from 1970-01-01.
"""

import re
from dataclasses import dataclass

import numpy as np

from dagster_project.reclassification.vocabulary import EFFECTIVE
from dagster_project.segmentation.scores import BoolArray, IntArray

NEVER = -(10**6)
"""Day number of something that has not happened."""
_STEP = re.compile(r"([A-Z_]+)(?:\((\d+)\))?")


@dataclass(frozen=True)
class Calendar:
    """First days of fiscal periods, quarters and years, ascending."""

    period_starts: IntArray
    quarter_starts: IntArray
    year_starts: IntArray

    @classmethod
    def of_months(cls, first_year: int, last_year: int, start_month: int = 1) -> "Calendar":
        """Fiscal periods that are calendar months; quarters count from the start month."""
        first = np.datetime64(f"{first_year}-01", "M")
        months = np.arange(first, np.datetime64(f"{last_year + 1}-01", "M"))
        days = months.astype("datetime64[D]").astype(np.int64)
        number = months.astype(np.int64) % 12 + 1
        return cls(days, days[(number - start_month) % 3 == 0], days[number == start_month])

    @classmethod
    def of_weeks(cls, first_day: int, years: int, weeks: tuple[int, ...] = (4, 4, 5)) -> "Calendar":
        """Fiscal periods of whole weeks, such as 4-4-5, for years of 52 weeks."""
        lengths = np.tile(np.array(weeks, dtype=np.int64) * 7, 4 * years)
        starts = first_day + np.concatenate([[0], np.cumsum(lengths)[:-1]])
        return cls(starts, starts[:: len(weeks)], starts[:: 4 * len(weeks)])


Step = tuple[str, int | None]


def parse_policy(text: str) -> tuple[Step, ...]:
    """Return the steps of a policy.

    Raises:
        ValueError: A step is unknown, or only one of ``AFTER_NOTICE`` and days is given.
    """
    steps: list[Step] = []
    for part in text.split("+"):
        match = _STEP.fullmatch(part.strip())
        if match is None or match[1] not in EFFECTIVE:
            raise ValueError(f"{part.strip()!r} is not one of {', '.join(EFFECTIVE)}")
        if match[2] is not None and match[1] != "AFTER_NOTICE":
            raise ValueError(f"{match[1]} takes no days")
        steps.append((match[1], None if match[2] is None else int(match[2])))
    return tuple(steps)


def effective_day(
    steps: tuple[Step, ...],
    notice_days: int,
    decided_day: int,
    calendar: Calendar,
    renewal_day: IntArray,
) -> IntArray:
    """Return the first day of validity of each customer.

    Args:
        steps: From ``parse_policy``.
        notice_days: Days that the customer must be told before; they pass before any step.
        decided_day: Day of the decision.
        calendar: Fiscal calendar that reaches beyond the day.
        renewal_day: Next renewal of each customer's contract, ``NEVER`` without one: such a
            customer's change holds as soon as the other steps allow.

    Raises:
        ValueError: The calendar ends too early.
    """
    days = np.full(len(renewal_day), decided_day + notice_days, dtype=np.int64)
    for name, number in steps:
        if name == "NEXT_DAY":
            days = days + 1
        elif name == "AFTER_NOTICE":
            days = np.maximum(days, decided_day + (notice_days if number is None else number))
        elif name == "NEXT_MONTH":
            months = days.astype("datetime64[D]").astype("datetime64[M]")
            first = months.astype("datetime64[D]").astype(np.int64)
            following = (months + 1).astype("datetime64[D]").astype(np.int64)
            days = np.where(first == days, days, following)
        elif name == "NEXT_FISCAL_PERIOD":
            days = _not_before(calendar.period_starts, days)
        elif name == "NEXT_QUARTER":
            days = _not_before(calendar.quarter_starts, days)
        elif name == "CONTRACT_RENEWAL":
            days = np.maximum(days, renewal_day)
    return days


def back_dated(
    start_day: IntArray, decided_day: int, open_from_day: IntArray | int
) -> tuple[IntArray, BoolArray]:
    """Return the day from which a back-dated fact may count, and whether it restates.

    A start before the first open day counts from that day only: what is closed stays as it was,
    and the difference is a restatement.
    """
    wanted = np.where(start_day > NEVER, np.minimum(start_day, decided_day), decided_day)
    day = np.minimum(np.maximum(wanted, open_from_day), decided_day)
    return day, wanted < day


def _not_before(starts: IntArray, days: IntArray) -> IntArray:
    place = np.searchsorted(starts, days, side="left")
    if len(place) and (place.max() >= len(starts) or days.min() < starts[0]):
        raise ValueError("the fiscal calendar does not cover the days of this decision")
    return starts[place]
