"""Which large tables are judged and released month by month, and what a month is called.

One more day touches a few months. Only their Parquet files and their rows in ``marts.duckdb``
are written again; the other months are those of the release before. Add a table here when a
delivery of one day changes a small part of it and it can grow to ``MIN_ROWS``.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

PARTITION_BY = {
    "fct_customer_pnl": "fiscal_period_id",
    "fct_failure_cause": "due_first_date",
    "fct_freight_charge": "invoice_date",
    "fct_invoice_line": "posting_date",
    "fct_order_line": "ordered_date",
    "fct_order_line_event": "event_at",
    "fct_order_line_service": "ordered_date",
    "fct_order_stage": "ordered_date",
    "fct_shipment_line": "departed_date",
    "mart_segmentation__score_part": "evaluation_month",
}
"""The date or timestamp whose month is the partition; a null has a partition of its own.

A fiscal period is a partition itself, whatever its id looks like."""

_PERIOD = "fiscal_period_id"

MIN_ROWS = 50_000
"""Below this a table is written as a whole: that costs less than keeping account of its months."""

NO_MONTH = "none"


def quoted(*names: str) -> str:
    """Return a dotted SQL identifier with every part quoted."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def literal(path: Path) -> str:
    """Return a path as an SQL string."""
    return "'" + str(path).replace("'", "''") + "'"


def partition_column(table: str, columns: Iterable[str], rows: int) -> str | None:
    """Return the column that the table is partitioned by, or None if it is written as a whole."""
    column = PARTITION_BY.get(table)
    return column if column in set(columns) and rows >= MIN_ROWS else None


def month_of(column: str) -> str:
    """Return SQL for the first day of the month as a date, or for the fiscal period."""
    if column == _PERIOD:
        return quoted(column)
    return f"cast(date_trunc('month', {quoted(column)}) as date)"


def month_expressions() -> dict[str, str]:
    """Return by table the SQL that gives the month of a row, for those that have months."""
    return {table: month_of(column) for table, column in PARTITION_BY.items()}


def month_name(first_day: date | str | None) -> str:
    """Return the name of a partition, fit for a file name."""
    if isinstance(first_day, str):
        return "%6Eone" if first_day == NO_MONTH else quote(first_day, safe="")
    return f"{first_day:%Y-%m}" if first_day else NO_MONTH


def noted_month(column: str, text: str | None) -> str:
    """Return the name of a partition from what ``month_of`` gave, as text."""
    if text is None or column == _PERIOD:
        return month_name(text)
    return month_name(date.fromisoformat(text))


def in_months(column: str, months: Iterable[str]) -> str:
    """Return the SQL condition that a row belongs to one of the months."""
    name = quoted(column)
    conditions = []
    for month in sorted(months):
        if column == _PERIOD and month != NO_MONTH:
            value = unquote(month).replace("'", "''")
            conditions.append(f"{name} = '{value}'")
        elif month == NO_MONTH:
            conditions.append(f"{name} is null")
        else:
            first = date.fromisoformat(f"{month}-01")
            following = (first + timedelta(days=31)).replace(day=1)
            conditions.append(f"{name} >= date '{first}' and {name} < date '{following}'")
    return f"({' or '.join(conditions)})" if conditions else "false"


def changed_months(old: dict[str, Any], new: dict[str, Any]) -> set[str] | None:
    """Compare two entries of a manifest.

    Returns:
        The months whose rows differ, or None if the two cannot be compared month by month.
    """
    keys = ("schema_hash", "partition_by")
    if not new.get("partitions") or any(old.get(key) != new.get(key) for key in keys):
        return None
    before, after = old["partitions"], new["partitions"]
    return {month for month in {*before, *after} if before.get(month) != after.get(month)}


def rows_in(entry: dict[str, Any], months: Iterable[str]) -> int:
    """Count the rows that an entry of a manifest has in some months."""
    found = entry.get("partitions") or {}
    return sum(int(found[month].split("-")[0]) for month in months if month in found)
