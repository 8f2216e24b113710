"""What a home knows about time: up to when its feeds have delivered, and the released calendar."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from dagster_project.ingestion import load_contracts
from dagster_project.ingestion.ledger import Ledger
from dagster_project.refresh.calendar import FiscalPeriod, IsWorking, is_monday_to_friday
from dagster_project.settings import Settings

Window = tuple[datetime | None, datetime]
EVER = datetime.min.replace(tzinfo=UTC)


def watermarks(settings: Settings) -> dict[str, datetime | None]:
    """Return per required feed the UTC time up to which its accepted batches reach.

    A delta behind a gap does not count: what is missing before it may still come.
    """
    marks: dict[str, datetime | None] = {
        f"{system}.{name}": None
        for (system, name), feed in load_contracts().items()
        if feed.required
    }
    if not settings.ledger_path.exists():
        return marks
    ledger = Ledger(settings.ledger_path)
    try:
        rows = [row for row in ledger.rows() if row.is_active]
    finally:
        ledger.close()
    windows: dict[tuple[str, str | None], list[Window]] = defaultdict(list)
    for row in rows:
        feed, reaches = f"{row.system}.{row.feed}", row.window_to or row.extracted_at
        if feed in marks and reaches:
            since = row.window_from if row.mode == "DELTA" else None
            windows[feed, row.source_system].append((since and _in_utc(since), _in_utc(reaches)))
    for (feed, _), found in windows.items():
        reached = reached_without_gap(found)
        if reached:
            marks[feed] = max(reached, marks[feed] or reached)
    return marks


def reached_without_gap(windows: Iterable[Window]) -> datetime | None:
    """Return the moment up to which windows follow each other without a gap.

    Args:
        windows: Start and end of each batch of one feed and source system, in any order; the start
            of a full extract is None, since it holds everything up to its end.

    Returns:
        The end of the last window before the first gap; None without windows.
    """
    reached: datetime | None = None
    for since, until in sorted(windows, key=lambda window: (window[0] or EVER, window[1])):
        if since is None or reached is None or since <= reached:
            reached = max(until, reached or until)
    return reached


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def released_periods(settings: Settings) -> list[FiscalPeriod]:
    """Return the fiscal periods of the current release; none if nothing is released.

    Of several calendars the one with the most periods counts, the first by name among equals:
    planning cycles follow one calendar.
    """
    rows = _ask_release(
        settings,
        "with calendars as (select calendar_id, count(*) as periods from dim_fiscal_period"
        " where end_date is not null group by calendar_id)"
        " select fiscal_period_id, fiscal_year, quarter_no, start_date, end_date"
        " from dim_fiscal_period where end_date is not null and calendar_id ="
        " (select calendar_id from calendars order by periods desc, calendar_id limit 1)"
        " order by start_date",
    )
    return [FiscalPeriod(*row) for row in rows]


def released_working_days(settings: Settings) -> IsWorking:
    """Return what tells working days: the released calendar, beyond it Monday to Friday."""
    query = "select calendar_date, is_working_day from dim_date"
    known: dict[date, bool] = dict(_ask_release(settings, query))

    def is_working(day: date) -> bool:
        return known.get(day, is_monday_to_friday(day))

    return is_working


def _ask_release(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    path = settings.current_link / "marts.duckdb"
    if not path.exists():
        return []
    import duckdb

    con = duckdb.connect(str(path.resolve()), read_only=True)
    try:
        return con.execute(query).fetchall()
    except duckdb.BinderException:  # a release from before there was such a column
        return []
    finally:
        con.close()
