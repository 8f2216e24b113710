"""Rows that break their contract: which, where, and why.

A row is named by its number in the file (``source_row``, as raw counts) and by the line on
which an editor shows its beginning (``source_line``); the two differ only where values hold
line breaks or lines are empty.
"""

import csv
from collections import deque
from collections.abc import Iterator, Sequence
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
PLACE_COLUMNS = {"_n": "bigint", "_row": "bigint", "_line": "bigint", "_text": "varchar"}
MAX_TEXTS = 200_000
"""Rows whose text is looked up; a file broken throughout must not fill the memory."""


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
    con.execute(
        f"copy ({_accepted(con, feed, read, broken, located)}) to {literal(part)} {options}"
    )
    _write_quarantine(con, feed, source, located, rejects, quarantine, file_name, options)
    con.execute("drop table broken")
    all_rows.unlink()


def _accepted(
    con: duckdb.DuckDBPyConnection, feed: Feed, read: str, broken: str, located: Located
) -> str:
    """The accepted rows, numbered as if the reader had not left out the rejected ones."""
    if not located.shifts:
        return f"select * from {read} where not ({broken})"
    last = {number: count for count, number in enumerate(located.shifts, start=1)}
    _fill(con, "shift", {"n": "bigint", "rejected": "bigint"}, list(last.items()))
    return (
        "select r.* replace (r._source_row + coalesce(s.rejected, 0) as _source_row)"
        f" from (select * from {read} where not ({broken})) r"
        " asof left join shift s on r._source_row >= s.n order by r._source_row"
    )


def _fill(
    con: duckdb.DuckDBPyConnection,
    table: str,
    columns: dict[str, str],
    rows: Sequence[tuple[object, ...]],
) -> None:
    """Create a temporary table from rows; through Arrow, which is quick for many of them."""
    import pyarrow as pa

    kinds = {"bigint": pa.int64(), "varchar": pa.string()}
    arrays = zip(*rows, strict=True) if rows else [[] for _ in columns]
    filled = pa.table(
        [
            pa.array(values, kinds[kind])
            for values, kind in zip(arrays, columns.values(), strict=True)
        ],
        names=list(columns),
    )
    con.register("filled", filled)
    con.execute(f"create or replace temp table {table} as select * from filled")
    con.unregister("filled")


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
    rejected = [
        (file_name, row, line, column, None, reason, text)
        for position, problems in rejects.errors.items()
        for row, line, text in [located.rejected.get(position, (None, None, None))]
        for column, reason in problems
    ]
    places = [(number, *place) for number, place in located.good.items()]
    _fill(con, "quarantined", QUARANTINE_COLUMNS, rejected)
    _fill(con, "place", PLACE_COLUMNS, places)
    for check in checks(feed):
        con.execute(
            f"insert into quarantined select {literal(file_name)}, coalesce(p._row, b._source_row),"
            f" coalesce(p._line, b._source_row), {literal(check.column)}, {quoted(check.column)},"
            f" {literal(check.reason)} || case when {literal(check.reason)} like '%found none'"
            f" or {quoted(check.column)} is null then ''"
            f" else ', found ''' || {quoted(check.column)} || '''' end,"
            " coalesce(p._text, cast(to_json(b) as varchar))"
            f" from broken b left join place p on p._n = b._source_row where {check.is_broken}"
        )
    if source.lines == "plain":
        _name_lines_that_are_no_objects(con)
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
    pending = deque(sorted(rejects.errors))
    next_good = source.first_line
    for row, (line, end, text) in enumerate(_records(source), start=source.first_line):
        if pending and end > pending[0]:
            located.rejected[pending.popleft()] = (row, line, text)
            located.shifts.append(next_good)
            continue
        if next_good in wanted and len(located.good) < MAX_TEXTS:
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
