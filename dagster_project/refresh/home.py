"""What a home knows about time: up to when its feeds have delivered, and the released calendar."""

from datetime import UTC, datetime

from dagster_project.ingestion import load_contracts
from dagster_project.ingestion.ledger import Ledger
from dagster_project.refresh.calendar import FiscalPeriod
from dagster_project.settings import Settings


def watermarks(settings: Settings) -> dict[str, datetime | None]:
    """Return per required feed the UTC time up to which its accepted batches reach."""
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
    for row in rows:
        feed, reaches = f"{row.system}.{row.feed}", row.window_to or row.extracted_at
        if feed in marks and reaches:
            at = reaches if reaches.tzinfo else reaches.replace(tzinfo=UTC)
            marks[feed] = max(at, marks[feed] or at)
    return marks


def released_periods(settings: Settings) -> list[FiscalPeriod]:
    """Return the fiscal periods of the current release; none if nothing is released.

    Of several calendars the one with the most periods counts, the first by name among equals:
    planning cycles follow one calendar.
    """
    path = settings.current_link / "marts.duckdb"
    if not path.exists():
        return []
    import duckdb

    con = duckdb.connect(str(path.resolve()), read_only=True)
    try:
        rows = con.execute(
            "with calendars as (select calendar_id, count(*) as periods from dim_fiscal_period"
            " where end_date is not null group by calendar_id)"
            " select fiscal_period_id, fiscal_year, quarter_no, start_date, end_date"
            " from dim_fiscal_period where end_date is not null and calendar_id ="
            " (select calendar_id from calendars order by periods desc, calendar_id limit 1)"
            " order by start_date"
        ).fetchall()
    finally:
        con.close()
    return [FiscalPeriod(*row) for row in rows]
