"""The marts of a release as Parquet: ``parquet/<mart>/<month>.parquet``, or one ``all``.

A file whose rows are those of the release before is not written but linked: both releases then
name the same file, and it is gone when neither does.
"""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from dagster_project.release.partitions import changed_months, in_months, literal, quoted
from dagster_project.release.previous import Previous

WHOLE = "all"


def write_parquet(
    connection: Any, folder: Path, table: str, entry: dict[str, Any], previous: Previous | None
) -> int:
    """Write one table below ``folder`` and return how many rows its files hold.

    Args:
        connection: The open work file.
        folder: Folder of the release, not yet visible to readers.
        table: Name of the mart.
        entry: What the manifest will say about it.
        previous: The release to share files with.
    """
    target = folder / "parquet" / table
    target.mkdir(parents=True)
    missing = _share(target, table, entry, previous)
    source = quoted("work", "marts", table)
    if missing is None:
        _copy(connection, source, target / f"{WHOLE}.parquet")
    elif missing:
        _copy_months(connection, source, target, entry["partition_by"], missing)
    return _rows(connection, target)


def _copy_months(connection: Any, source: str, target: Path, column: str, months: set[str]) -> None:
    """Write a file per month, as many at a time as DuckDB has threads.

    A month is too small for DuckDB to write with several threads, and its own partitioned copy
    costs twice as much: rows come in date order.
    """

    def copy(month: str) -> None:
        rows = f"(select * from {source} where {in_months(column, [month])})"
        with connection.cursor() as cursor:
            _copy(cursor, rows, target / f"{month}.parquet")

    (threads,) = connection.execute("select current_setting('threads')").fetchone()
    with ThreadPoolExecutor(int(threads)) as pool:
        list(pool.map(copy, sorted(months)))


def _share(
    target: Path, table: str, entry: dict[str, Any], previous: Previous | None
) -> set[str] | None:
    """Link what has not changed and return the months to write; None is the whole table."""
    wanted: set[str] | None = set(entry["partitions"]) if entry.get("partitions") else None
    if previous is None:
        return wanted
    old = previous.entry(table)
    changed = set() if previous.same(table, entry) else changed_months(old, entry)
    if changed is None or old.get("partition_by") != entry.get("partition_by"):
        return wanted
    linked = False
    for file in (previous.path / "parquet" / table).glob("*.parquet"):
        if file.stem not in changed:
            _link(file, target / file.name)
            linked = True
    if wanted is None:
        return set() if linked else None
    return changed & wanted


def _link(file: Path, copy: Path) -> None:
    try:
        os.link(file, copy)
    except OSError:  # a file system without hard links, or with too many of them
        shutil.copyfile(file, copy)


def _copy(connection: Any, rows: str, file: Path) -> None:
    connection.execute(f"copy {rows} to {literal(file)} (format parquet)")


def _rows(connection: Any, target: Path) -> int:
    files = literal(target / "*.parquet")
    (rows,) = connection.execute(
        f"select sum(num_rows) from parquet_file_metadata({files})"
    ).fetchone()
    return int(rows)
