"""Rows that break their contract: which, where, and why.

A row is named by its number in the file (``source_row``, as raw counts) and by the line on
which an editor shows its beginning (``source_line``); the two differ only where values hold
line breaks or lines are empty.
"""

import csv
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from dagster_project.ingestion.checks import any_broken, checks, literal, quoted
from dagster_project.ingestion.contract import Feed
from dagster_project.ingestion.sources import Source, as_text, byte_lines

REJECT_REASONS = {
    "MISSING COLUMNS": "wrong number of columns",
    "TOO MANY COLUMNS": "wrong number of columns",
    "INVALID ENCODING": "bytes that cannot be decoded",
    "UNQUOTED VALUE": "a quote that is not closed",
    "LINE SIZE OVER MAXIMUM": "a line that is too long",
}
QUARANTINE_COLUMNS = {
    "source_file": "varchar",
    "source_row": "bigint",
    "source_line": "bigint",
    "column_name": "varchar",
    "value": "varchar",
    "reason": "varchar",
    "raw_text": "varchar",
}


@dataclass(frozen=True)
class Rejects:
    """Records that the reader could not split into columns, by byte position in the file."""

    errors: dict[int, list[tuple[str | None, str]]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return len(self.errors)


@dataclass
class Located:
    """Where records are: number of good record -> (row, line, text), and the rejected ones."""

    good: dict[int, tuple[int, int, str]] = field(default_factory=dict)
    rejected: dict[int, tuple[int, int, str]] = field(default_factory=dict)
    shifts: list[int] = field(default_factory=list)
    """Number of the good record before which each rejected record stands."""

    def row(self, good_number: int) -> int:
        return good_number + bisect_right(self.shifts, good_number)


def read_rejects(con: duckdb.DuckDBPyConnection, source: Source) -> Rejects:
    """Take the reader's rejects and clear its tables."""
    names = list(source.columns)
    errors: dict[int, list[tuple[str | None, str]]] = {}
    for position, column, kind, message in con.execute(
        "select line_byte_position, column_name, error_type, error_message from reject_errors"
        " where trim(csv_line, chr(32) || chr(9) || chr(10) || chr(13)) <> ''"
        " order by line_byte_position, column_idx"
    ).fetchall():
        reason = REJECT_REASONS.get(str(kind), str(kind).lower())
        if "Expected Number of Columns" in message:
            if kind == "MISSING COLUMNS" and position in errors:
                continue  # Each missing column is reported; the first one says how many came.
            numbers = message.partition(":")[2].strip().replace(" Found: ", ", found ")
            errors[position] = [(None, f"{reason}: expected {numbers}")]
            continue
        number = int(column[1:]) if column else -1
        name = names[number] if 0 <= number < len(names) else None
        errors.setdefault(position, []).append((name, reason))
    con.execute("drop table reject_errors; drop table reject_scans")
    return Rejects(errors)


def split_part(
    con: duckdb.DuckDBPyConnection,
    feed: Feed,
    source: Source,
    rejects: Rejects,
    part: Path,
    quarantine: Path,
    file_name: str,
    options: str,
) -> None:
    """Leave the accepted rows in ``part`` and write the others to ``quarantine``."""
    all_rows = part.with_suffix(".all")
    part.rename(all_rows)
    read = f"read_parquet({literal(all_rows)})"
    broken = any_broken(feed)
    con.execute(f"create or replace temp table broken as select * from {read} where {broken}")
    wanted = {row for (row,) in con.execute("select _source_row from broken").fetchall()}
    located = _locate(source, rejects, wanted)
    shift = _shift(con, located)
    con.execute(
        f"copy (select r.* replace ({shift} as _source_row) from {read} r"
        f" where not ({broken}) order by _source_row) to {literal(part)} {options}"
    )
    _write_quarantine(con, feed, source, located, rejects, quarantine, file_name, options)
    con.execute("drop table broken")
    all_rows.unlink()


def _shift(con: duckdb.DuckDBPyConnection, located: Located) -> str:
    """SQL for the row number of a good record when rejected ones stand before it."""
    if not located.shifts:
        return "r._source_row"
    thresholds = ", ".join(str(number) for number in located.shifts)
    con.execute(f"set variable shifts = [{thresholds}]")
    before = "len(list_filter(getvariable('shifts'), lambda x: x <= r._source_row))"
    return f"r._source_row + {before}"


def _write_quarantine(
    con: duckdb.DuckDBPyConnection,
    feed: Feed,
    source: Source,
    located: Located,
    rejects: Rejects,
    quarantine: Path,
    file_name: str,
    options: str,
) -> None:
    con.execute(
        "create or replace temp table quarantined ("
        + ", ".join(f"{name} {kind}" for name, kind in QUARANTINE_COLUMNS.items())
        + ")"
    )
    con.execute("create or replace temp table place (n bigint, r bigint, line bigint, t varchar)")
    if located.good:
        con.executemany(
            "insert into place values (?, ?, ?, ?)", [(n, *p) for n, p in located.good.items()]
        )
    for check in checks(feed):
        con.execute(
            f"insert into quarantined select {literal(file_name)}, coalesce(p.r, b._source_row),"
            f" coalesce(p.line, b._source_row), {literal(check.column)}, {quoted(check.column)},"
            f" {literal(check.reason)} || case when {quoted(check.column)} is null then ''"
            f" else ', found ''' || {quoted(check.column)} || '''' end,"
            " coalesce(p.t, cast(to_json(b) as varchar))"
            f" from broken b left join place p on p.n = b._source_row where {check.is_broken}"
        )
    if source.lines == "plain":
        _name_lines_that_are_no_objects(con)
    rejected = [
        (file_name, row, line, column, None, reason, text)
        for position, problems in rejects.errors.items()
        for row, line, text in [located.rejected.get(position, (None, None, None))]
        for column, reason in problems
    ]
    if rejected:
        con.executemany("insert into quarantined values (?, ?, ?, ?, ?, ?, ?)", rejected)
    con.execute(
        "copy (select * from quarantined order by source_row, column_name, reason)"
        f" to {literal(quarantine)} {options}"
    )
    con.execute("drop table quarantined; drop table place")


def _name_lines_that_are_no_objects(con: duckdb.DuckDBPyConnection) -> None:
    """A line that is no JSON object has no columns: one reason instead of one per column."""
    is_object = "case when json_valid(raw_text) then json_type(raw_text) = 'OBJECT' end"
    con.execute(
        "create or replace temp table no_object as select distinct on (source_row) *"
        f" from quarantined where not coalesce({is_object}, false)"
    )
    con.execute("delete from quarantined where source_row in (select source_row from no_object)")
    con.execute(
        "insert into quarantined select * replace (null as column_name, null as value,"
        " 'not a JSON object' as reason) from no_object"
    )
    con.execute("drop table no_object")


def _locate(source: Source, rejects: Rejects, wanted: set[int]) -> Located:
    """Find the records in the text by walking it once; empty when the format has no lines."""
    located = Located()
    if source.path is None or source.lines is None:
        return located
    pending = sorted(rejects.errors)
    next_good = source.first_line
    for row, (line, end, text) in enumerate(_records(source), start=source.first_line):
        if pending and end > pending[0]:
            located.rejected[pending.pop(0)] = (row, line, text)
            located.shifts.append(next_good)
            continue
        if next_good in wanted:
            located.good[next_good] = (row, line, text)
        next_good += 1
    return located


def _records(source: Source) -> Iterator[tuple[int, int, str]]:
    """Line number, end in bytes and text of each record that is not empty."""
    assert source.path is not None
    taken: list[str] = []
    position = 0

    def lines() -> Iterator[str]:
        nonlocal position
        for line in byte_lines(source.path):  # type: ignore[arg-type]
            position += len(line)
            taken.append(as_text(line))
            yield taken[-1]

    number = 0
    records = csv.reader(lines(), delimiter=source.delimiter) if source.lines == "csv" else lines()
    for record in records:
        text, first = "".join(taken), number + 1
        number += len(taken)
        taken.clear()
        if record and text.strip() and first >= source.first_line:
            yield first, position, text.rstrip("\r\n")
