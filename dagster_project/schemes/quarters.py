"""The fiscal quarters that are looked at, each by one of its days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from dagster_project.schemes.closed import Closed


@dataclass(frozen=True)
class Quarter:
    """A fiscal quarter and the last of its days that is looked at."""

    name: str
    day: date
    periods: tuple[str, ...]


def last_quarters(
    periods: Sequence[Mapping[str, Any]], calendar_id: str, closed: Closed, count: int
) -> list[Quarter]:
    """Return the newest quarters that begin by the end of the closed month, oldest first.

    Args:
        periods: Rows of ``int_calendar__fiscal_period``.
        calendar_id: Calendar of the company.
        closed: The closed month; its last day stands for the quarter that it lies in.
        count: How many.
    """
    found: dict[tuple[int, int], list[Mapping[str, Any]]] = {}
    for row in periods:
        if row["calendar_id"] == calendar_id and row["start_date"] <= closed.end:
            found.setdefault((int(row["fiscal_year"]), int(row["quarter_no"])), []).append(row)
    return [
        Quarter(
            f"{year}-Q{number}",
            min(max(row["end_date"] for row in rows) - timedelta(days=1), closed.end),
            tuple(sorted(str(row["fiscal_period_id"]) for row in rows)),
        )
        for (year, number), rows in sorted(found.items())[-count:]
    ]
