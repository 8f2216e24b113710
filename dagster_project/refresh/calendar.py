"""On which days does each planning cycle run? Policy and dates in, days out; no clock is read.

Cycles are rows of ``refresh_calendar.csv``. An anchor is a day or a count of working days:

=====================  ================================================================
``EVERY_DAY``          every calendar day
``EVERY_WORKING_DAY``  every working day
``WEEK+1WD``           first working day of the ISO week
``FP_CLOSE+3WD``       third working day from the first day after a fiscal period on
``FP_CLOSE-2WD``       last but one working day inside a fiscal period
``FQ_CLOSE``, ``FY_CLOSE``  the same for fiscal quarters and fiscal years
=====================  ================================================================
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dagster_project.errors import UsageError

KINDS = ("DAILY", "WEEKLY", "MONTHLY", "QUARTERLY", "ANNUAL")
"""From the shortest cycle to the longest; on a common day the shorter one runs first."""

_ANCHOR = re.compile(
    r"(EVERY_DAY|EVERY_WORKING_DAY)|(WEEK|FP_CLOSE|FQ_CLOSE|FY_CLOSE)([+-])(\d+)WD"
)
_LONGEST_WAIT = timedelta(days=60)


@dataclass(frozen=True)
class FiscalPeriod:
    """A fiscal period; ``end_date`` is the first day after it."""

    fiscal_period_id: str
    fiscal_year: int
    quarter_no: int
    start_date: date
    end_date: date


@dataclass(frozen=True)
class Cycle:
    """One planning cycle: a row of the policy."""

    cycle_id: str
    kind: str
    anchor: str
    cutoff_time: time
    """Local time by which the data must be in."""
    time_zone: str
    deadline_minutes: int
    """How long after the cut-off the cycle waits for late feeds."""
    is_frozen: bool
    """Keep the segments as this cycle saw them."""
    planning_step: str
    owner: str

    def cutoff_at(self, day: date) -> datetime:
        """Return the cut-off of a day in UTC; a local time that does not exist moves forward."""
        local = datetime.combine(day, self.cutoff_time, ZoneInfo(self.time_zone))
        return local.astimezone(UTC)

    def deadline_at(self, day: date) -> datetime:
        """Return in UTC when the cycle stops waiting."""
        return self.cutoff_at(day) + timedelta(minutes=self.deadline_minutes)


@dataclass(frozen=True)
class Due:
    """A cycle on the day on which it runs."""

    cycle: Cycle
    day: date
    label: str
    """What the run is for: a day, an ISO week, a fiscal period, quarter or year."""

    @property
    def run_key(self) -> str:
        """The same for every attempt, so that a cycle runs once."""
        return f"{self.cycle.cycle_id}:{self.label}"


def is_monday_to_friday(day: date) -> bool:
    """Working days where no working calendar was delivered."""
    return day.isoweekday() <= 5


IsWorking = Callable[[date], bool]


def due_on(
    day: date,
    cycles: Iterable[Cycle],
    periods: Iterable[FiscalPeriod],
    is_working: IsWorking = is_monday_to_friday,
) -> list[Due]:
    """Return the cycles that run on a day, the shortest first.

    Args:
        day: The day, in the time zone of the cycles.
        cycles: All cycles.
        periods: Fiscal periods of one calendar, in any order.
        is_working: Tells working days.

    Raises:
        UsageError: There is no working day within two months of an anchor.
    """
    ordered = sorted(periods, key=lambda period: period.start_date)
    found = []
    for cycle in cycles:
        for label, runs_on in _days(cycle.anchor, day, ordered, is_working):
            if runs_on == day:
                found.append(Due(cycle, day, label))
    return sorted(found, key=lambda due: (KINDS.index(due.cycle.kind), due.cycle.cycle_id))


def load_cycles(path: Path) -> list[Cycle]:
    """Read ``refresh_calendar.csv``.

    Raises:
        UsageError: A value cannot be used; the message names file, row and column.
    """
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    cycles = [_cycle(path, number, row) for number, row in enumerate(rows, start=2)]
    names = [cycle.cycle_id for cycle in cycles]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _bad(path, names.index(twice[0]) + 2, "cycle_id", twice[0], "is there twice")
    return cycles


def _cycle(path: Path, number: int, row: dict[str, str]) -> Cycle:
    def value(column: str) -> str:
        found = (row.get(column) or "").strip()
        if not found:
            raise _bad(path, number, column, "", "must not be blank")
        return found

    if value("kind") not in KINDS:
        raise _bad(path, number, "kind", value("kind"), f"must be one of {', '.join(KINDS)}")
    match = _ANCHOR.fullmatch(value("anchor"))
    if not match or match.group(4) == "0":
        raise _bad(path, number, "anchor", value("anchor"), "must be like FP_CLOSE+3WD")
    try:
        cutoff = time.fromisoformat(value("cutoff_time"))
    except ValueError as error:
        raise _bad(path, number, "cutoff_time", value("cutoff_time"), "must be HH:MM") from error
    try:
        ZoneInfo(value("time_zone"))
    except (ZoneInfoNotFoundError, ValueError) as error:
        why = "is no IANA time zone"
        raise _bad(path, number, "time_zone", value("time_zone"), why) from error
    if not value("deadline_minutes").isdigit():
        why = "must be a whole number of minutes"
        raise _bad(path, number, "deadline_minutes", value("deadline_minutes"), why)
    if value("is_frozen") not in ("true", "false"):
        raise _bad(path, number, "is_frozen", value("is_frozen"), "must be true or false")
    return Cycle(
        value("cycle_id"),
        value("kind"),
        value("anchor"),
        cutoff,
        value("time_zone"),
        int(value("deadline_minutes")),
        value("is_frozen") == "true",
        value("planning_step"),
        value("owner"),
    )


def _bad(path: Path, number: int, column: str, value: str, why: str) -> UsageError:
    return UsageError(
        "The refresh calendar cannot be used.",
        f"{path.name}, row {number}, column {column}: '{value}' {why}.",
        "Correct the row; dagster_project/refresh/calendar.py lists the anchors.",
    )


def _days(
    anchor: str, day: date, periods: list[FiscalPeriod], is_working: IsWorking
) -> Iterator[tuple[str, date | None]]:
    """Yield what an anchor could mean around a day: the label and the day on which it runs."""
    match = _ANCHOR.fullmatch(anchor)
    assert match, anchor
    every, unit, sign, count = match.groups()
    if every:
        is_due = every == "EVERY_DAY" or is_working(day)
        yield day.isoformat(), day if is_due else None
        return
    for label, first, end in _spans(unit, day, periods):
        start = first if unit == "WEEK" else end
        if sign == "-":
            start = end
        if abs(start - day) <= _LONGEST_WAIT:
            yield label, _nth_working_day(start, sign, int(count), is_working)


def _spans(unit: str, day: date, periods: list[FiscalPeriod]) -> Iterator[tuple[str, date, date]]:
    """Yield label, first day and first day after of the spans that an anchor counts from."""
    if unit == "WEEK":
        monday = day - timedelta(days=day.isoweekday() - 1)
        year, week, _ = day.isocalendar()
        yield f"{year}-W{week:02d}", monday, monday + timedelta(days=7)
        return
    names: dict[str, Callable[[FiscalPeriod], str]] = {
        "FP_CLOSE": lambda period: period.fiscal_period_id,
        "FQ_CLOSE": lambda period: f"{period.fiscal_year}-Q{period.quarter_no}",
        "FY_CLOSE": lambda period: f"FY{period.fiscal_year}",
    }
    for label, group in groupby(periods, key=names[unit]):
        members = list(group)
        yield label, members[0].start_date, members[-1].end_date


def _nth_working_day(start: date, sign: str, count: int, is_working: IsWorking) -> date:
    """Return the n-th working day from ``start`` on, or the n-th last one before it."""
    step = timedelta(days=1 if sign == "+" else -1)
    day = start if sign == "+" else start + step
    found = 0
    while abs(day - start) <= _LONGEST_WAIT:
        found += is_working(day)
        if found == count:
            return day
        day += step
    raise UsageError(
        "The refresh calendar cannot be used.",
        f"There are no {count} working days within two months of {start}.",
        "Look at the working calendar that was delivered.",
    )
