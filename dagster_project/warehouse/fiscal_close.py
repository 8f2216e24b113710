"""When is a fiscal period to be closed? A pure question about dates.

Which periods there are is read from the released ``dim_fiscal_period``; the run that closes is
Dagster's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from dagster_project.settings import Settings

CLOSING_WORKING_DAY = 3
"""Documents of the last days of a period arrive for two working days; the third closes it."""


@dataclass(frozen=True)
class Period:
    """A fiscal period; ``end_date`` is the first day after it."""

    calendar_id: str
    fiscal_period_id: str
    end_date: date


def closing_day(end_date: date, holidays: frozenset[date] = frozenset()) -> date:
    """Return the third working day (Monday to Friday) from ``end_date`` on."""
    day, working_days = end_date - timedelta(days=1), 0
    while working_days < CLOSING_WORKING_DAY:
        day += timedelta(days=1)
        working_days += day.isoweekday() <= 5 and day not in holidays
    return day


def due(today: date, periods: Iterable[Period]) -> tuple[list[Period], str]:
    """Return the periods that close today, and else a sentence that says when the next does."""
    days = {period: closing_day(period.end_date) for period in periods}
    closing = [period for period, day in days.items() if day == today]
    if closing:
        return closing, ""
    if not days:
        return [], "No release yet, so no fiscal period is known."
    ahead = {period: day for period, day in days.items() if day > today}
    if not ahead:
        last = max(days, key=lambda period: period.end_date)
        return (
            [],
            f"The calendar ends before today, with {last.fiscal_period_id}.",
        )
    following = min(ahead, key=lambda period: ahead[period])
    return [], f"{following.fiscal_period_id} closes on {ahead[following]}; today is {today}."


def released_periods(settings: Settings) -> list[Period]:
    """Read the fiscal periods of the current release; none if nothing is released."""
    path = settings.current_link / "marts.duckdb"
    if not path.exists():
        return []
    import duckdb

    con = duckdb.connect(str(path.resolve()), read_only=True)
    try:
        rows = con.execute(
            "select calendar_id, fiscal_period_id, end_date from marts.dim_fiscal_period"
            " where end_date is not null order by end_date, calendar_id"
        ).fetchall()
    finally:
        con.close()
    return [Period(*row) for row in rows]
