"""The marts of a release as one DuckDB file: the release before, with what changed put in.

The file of the release before is copied and the copy is brought up to date: in the months that
changed, the rows that differ are exchanged. It is written as a whole when there is no release to
start from, when much has changed, or when patching has let the file grow.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster_project.release.copy_ahead import copy_file
from dagster_project.release.digest import row_hashes
from dagster_project.release.partitions import (
    changed_months,
    in_months,
    literal,
    quoted,
    rows_in,
)
from dagster_project.release.previous import Previous

STORAGE_VERSION = "v1.2.0"
"""Read by every DuckDB from 1.2 on; files in 2.0's own format are refused by every 1.x client."""

MAX_CHANGED = 0.4
"""Share of all rows from which writing everything costs less than deleting and inserting."""

MAX_GROWTH = 1.5
"""Deleted rows keep their place in the file; beyond this growth it is written as a whole."""


def start_database(
    connection: Any,
    path: Path,
    tables: dict[str, dict[str, Any]],
    previous: Previous | None,
    copy: Callable[[Path, Path], None] = copy_file,
) -> Previous | None:
    """Put the file to start from in its place.

    Args:
        connection: The open work file.
        path: Where it belongs.
        tables: Digests of the tables that it will hold.
        previous: The release before.
        copy: Puts a copy of its database in a place.

    Returns:
        The release that the file was copied from, or None if it starts empty.
    """
    if previous is None or not _is_worth_it(tables, previous):
        return None
    try:
        copy(previous.database, path)
        with attached(connection, path):
            for table, entry in previous.tables.items():
                if count(connection, table) != entry["rows"]:
                    raise OSError(f"{table} is not complete")
    except Exception:  # damaged, moved away, or of another format: there are the work file's tables
        path.unlink(missing_ok=True)
        path.with_name(path.name + ".wal").unlink(missing_ok=True)
        return None
    return previous


@contextmanager
def attached(connection: Any, path: Path) -> Iterator[None]:
    """Attach the file as ``release``."""
    connection.execute(f"attach {literal(path)} as release (storage_version '{STORAGE_VERSION}')")
    try:
        yield
    finally:
        connection.execute("detach release")


def write_table(
    connection: Any, table: str, entry: dict[str, Any], previous: Previous | None
) -> int:
    """Bring one table of ``release`` up to date and return how many rows it holds."""
    source, target = quoted("work", "marts", table), quoted("release", "main", table)
    if previous is None or not previous.same(table, entry):
        months = changed_months(previous.entry(table), entry) if previous else None
        if months is None:
            connection.execute(f"create or replace table {target} as select * from {source}")
        else:
            _exchange(connection, source, target, in_months(entry["partition_by"], months))
    return count(connection, table)


def _exchange(connection: Any, source: str, target: str, condition: str) -> None:
    """Delete and insert the rows in which two tables of the same columns differ.

    Args:
        connection: The open work file, with the release attached.
        source: Table as it should be.
        target: Table to change.
        condition: SQL that limits both to the months in question.
    """
    columns = [row[0] for row in connection.execute(f"describe {target}").fetchall()]
    high, low = row_hashes(columns)
    for side, table in (("source_row", source), ("target_row", target)):
        connection.execute(
            f"create or replace temporary table {side} as"
            f" select rowid as place, {high} as high, {low} as low from {table} where {condition}"
        )
    connection.execute(
        """
        create or replace temporary table differing as
        select high, low
        from (
            select high, low, 1 from source_row
            union all
            select high, low, -1 from target_row
        ) as both_sides (high, low, side)
        group by high, low
        having sum(side) <> 0
        """
    )
    places = "select place from {} where (high, low) in (select high, low from differing)"
    connection.execute(f"delete from {target} where rowid in ({places.format('target_row')})")
    connection.execute(
        f"insert into {target} by name select * from {source}"
        f" where rowid in ({places.format('source_row')})"
    )
    for table in ("source_row", "target_row", "differing"):
        connection.execute(f"drop table {table}")


def drop_other_tables(connection: Any, tables: dict[str, Any], previous: Previous | None) -> None:
    """Remove the tables of the release before that this one does not have."""
    for table in previous.tables if previous else ():
        if table not in tables:
            connection.execute(f"drop table {quoted('release', 'main', table)}")


def count(connection: Any, table: str) -> int:
    (rows,) = connection.execute(
        f"select count(*) from {quoted('release', 'main', table)}"
    ).fetchone()
    return int(rows)


def _is_worth_it(tables: dict[str, dict[str, Any]], previous: Previous) -> bool:
    if not previous.database.exists():
        return False
    if previous.database.stat().st_size > MAX_GROWTH * previous.fresh_bytes:
        return False
    changed = sum(_changed_rows(table, entry, previous) for table, entry in tables.items())
    return changed <= MAX_CHANGED * sum(entry["rows"] for entry in tables.values())


def _changed_rows(table: str, entry: dict[str, Any], previous: Previous) -> int:
    if previous.same(table, entry):
        return 0
    months = changed_months(previous.entry(table), entry)
    return int(entry["rows"]) if months is None else rows_in(entry, months)
