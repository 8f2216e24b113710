"""Mistakes in the registry of metrics, and policies that name a metric which nobody has defined.

Every file of the policy folder that has a column of ``NAMING`` names metrics. The registry may be
absent from a folder; then nothing is checked.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from dagster_project.improvement.scorecard import FILE as ASSIGNMENTS
from dagster_project.improvement.scorecard import assignment_findings
from dagster_project.metrics.registry import DIRECTIONS, UNITS
from dagster_project.schemes.lint_table import Finding, PolicyRow, read_table

NAME = "metric_definition"
COLUMNS = (
    *("metric_id", "version", "label", "formula", "unit", "direction", "grain", "source_model"),
    *("numerator_sql", "denominator_sql", "filter_sql", "date_column", "segment_column"),
    *("shown_in", "exclusions", "scor_code", "valid_from", "owner"),
)
NAMING = ("metric_id", "counter_metric_id")
"""Columns in which a policy names a metric."""
_TEXTS = ("metric_id", "label", "formula", "grain", "owner")


def metric_findings(folder: Path) -> Iterator[Finding]:
    """Yield the mistakes in the registry and in what the other files say of metrics."""
    path = folder / f"{NAME}.csv"
    if not path.is_file():
        return
    table = read_table(path)
    missing = [column for column in COLUMNS if column not in table.header]
    for column in missing:
        cure = f"Columns: {', '.join(COLUMNS)}."
        yield Finding("MISSING_COLUMN", path.name, 1, column, "the column is not there", cure)
    for line in table.ragged:
        problem = f"the row has not {len(table.header)} cells as the header has"
        yield Finding("RAGGED_ROW", path.name, line, "", problem, "Quote text that holds a comma.")
    if missing or table.ragged:
        return
    seen: dict[tuple[str, str], int] = {}
    for row in table.rows:
        yield from _cells(row)
        key = (row["metric_id"], row["version"])
        if key in seen:
            problem = f"row {seen[key]} defines this version already"
            cure = "Raise the version, or delete one of the rows."
            yield row.finding("DUPLICATE_KEY", "version", problem, cure)
        seen.setdefault(key, row.line)
    yield from _named(folder, {row["metric_id"] for row in table.rows})
    assigned = folder / f"{ASSIGNMENTS}.csv"
    if assigned.is_file():
        yield from assignment_findings(read_table(assigned).rows)


def _cells(row: PolicyRow) -> Iterator[Finding]:
    for column in _TEXTS:
        if not row[column]:
            yield row.finding("EMPTY_TEXT", column, "the cell is empty", "Fill it in.")
    if not row["version"].isdigit() or int(row["version"]) < 1:
        cure = "Write a whole number from 1 on."
        yield row.finding("NOT_A_NUMBER", "version", "expected a whole number", cure)
    for column, known in (("unit", UNITS), ("direction", DIRECTIONS)):
        if row[column] not in known:
            cure = f"Write one of {', '.join(known)}."
            yield row.finding("UNKNOWN_WORD", column, "the word is not known", cure)
    try:
        date.fromisoformat(row["valid_from"])
    except ValueError:
        cure = "Write the date as 2026-01-31."
        yield row.finding("DATE_UNREADABLE", "valid_from", "expected a date", cure)
    if row["numerator_sql"] and not (row["source_model"] and row["date_column"]):
        cure = "Fill in source_model and date_column, or leave numerator_sql empty."
        yield row.finding("HALF_A_FORMULA", "numerator_sql", "nobody can compute it", cure)


def _named(folder: Path, known: set[str]) -> Iterator[Finding]:
    for path in sorted(folder.glob("*.csv")):
        if path.stem == NAME:
            continue
        table = read_table(path)
        for column in [one for one in NAMING if one in table.header]:
            for row in table.rows:
                if row[column] and row[column] not in known:
                    shown = ", ".join(sorted(known))
                    cure = f"Define it in {NAME}.csv, or write one of {shown}."
                    problem = "no metric of this name is defined"
                    yield row.finding("UNKNOWN_METRIC", column, problem, cure)
