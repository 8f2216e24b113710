"""The raw schema: what the warehouse sees of landed batches.

``register_raw`` creates it in the work file before a build. A change of raw files belongs to
the loader; a cast or a rename belongs to staging.
"""

import os
from collections import defaultdict
from itertools import groupby

import duckdb

from dagster_project.ingestion.checks import literal, quoted
from dagster_project.ingestion.contract import Contracts, Feed
from dagster_project.ingestion.ledger import Ledger, LedgerRow, settle
from dagster_project.ingestion.quarantine import QUARANTINE_COLUMNS
from dagster_project.ingestion.writer import empty_relation, raw_columns
from dagster_project.settings import Settings

Files = dict[str, list[str]]
"""Raw files by batch key."""

KNOWN_AT = {"_known_at": "timestamp"}
BATCH_COLUMNS = {
    "batch_key": "varchar",
    "batch_id": "varchar",
    "system": "varchar",
    "feed": "varchar",
    "source_system": "varchar",
    "mode": "varchar",
    "window_from": "timestamp",
    "window_to": "timestamp",
    "extracted_at": "timestamp",
    "known_at": "timestamp",
    "status": "varchar",
    "reason": "varchar",
    "is_active": "boolean",
    "inactive_reason": "varchar",
    "supersedes_batch_id": "varchar",
    "manifest_rows": "bigint",
    "landed_rows": "bigint",
    "accepted_rows": "bigint",
    "quarantined_rows": "bigint",
    "duplicate_key_rows": "bigint",
    "raw_rows": "bigint",
    "fingerprint": "varchar",
    "is_required": "boolean",
}


def register_raw(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    contracts: Contracts,
    built_batches: set[str] | None,
) -> set[str]:
    """Create the raw schema from the ledger and the raw files.

    Args:
        con: The work file, writable.
        settings: The environment whose raw files are shown.
        contracts: All feeds; each gets its view ``raw.<system>__<feed>`` and ``…__delta``.
        built_batches: ``batch_key`` (``system/feed/batch_id``) of the batches that were active
            in the last successful build; null when there was none.

    Returns:
        ``batch_key`` of the batches that are active now.
    """
    ledger = Ledger(settings.ledger_path)
    try:
        rows = _settled(ledger.rows())
    finally:
        ledger.close()
    con.execute("create schema if not exists raw")
    by_feed: dict[tuple[str, str], list[LedgerRow]] = defaultdict(list)
    files: Files = {}
    for row in rows:
        if row.is_in_raw:
            by_feed[row.system, row.feed].append(row)
            files[row.key] = _part_files(settings, row)
    for place, feed in contracts.items():
        _create_views(con, files, feed, by_feed[place], built_batches or set())
    _create_batch(con, files, contracts, rows)
    _create_quarantined_row(con, settings, [row for row in rows if row.quarantined_rows])
    return {row.key for row in rows if row.is_active}


def _settled(rows: list[LedgerRow]) -> list[LedgerRow]:
    """The rows with their standing, also after a landing that was killed before settling."""
    places = groupby(rows, key=lambda row: (row.system, row.feed))
    return [row for _, of_feed in places for row in settle(of_feed)]


def _create_views(
    con: duckdb.DuckDBPyConnection,
    files: Files,
    feed: Feed,
    rows: list[LedgerRow],
    built: set[str],
) -> None:
    active = [row for row in rows if row.is_active]
    changed = [row for row in rows if row.is_active != (row.key in built)]
    for name, batches in ((feed.relation, active), (f"{feed.relation}__delta", changed)):
        query = _relation(files, feed, batches)
        con.execute(f"create or replace view raw.{quoted(name)} as {query}")


def _relation(files: Files, feed: Feed, batches: list[LedgerRow]) -> str:
    by_missing: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for row in batches:
        missing = [name for name in feed.column_names if row.columns and name not in row.columns]
        by_missing[tuple(missing)] += files[row.key]
    parts = [_read(feed, paths, missing) for missing, paths in by_missing.items() if paths]
    if not parts:
        return empty_relation(feed, KNOWN_AT)
    corrected = [row for row in batches if row.known_at != row.extracted_at]
    if not corrected:
        return " union all ".join(
            f"{select}, _extracted_at as _known_at {read}" for select, read in parts
        )
    union = " union all ".join(f"{select} {read}" for select, read in parts)
    values = ", ".join(
        f"({literal(row.batch_id)}, timestamp {literal(row.known_at)})" for row in corrected
    )
    return (
        f"select p.*, coalesce(k.known_at, p._extracted_at) as _known_at from ({union}) as p"
        f" left join (values {values}) as k(batch_id, known_at) on k.batch_id = p._batch_id"
    )


def _read(feed: Feed, paths: list[str], missing: tuple[str, ...]) -> tuple[str, str]:
    """The select list and the source of raw files, with null for columns added since."""
    columns = ", ".join(
        f"cast(null as varchar) as {quoted(name)}" if name in missing else quoted(name)
        for name in raw_columns(feed)
    )
    listed = ", ".join(literal(path) for path in paths)
    return f"select {columns}", f"from read_parquet([{listed}], hive_partitioning = false)"


def _part_files(settings: Settings, row: LedgerRow) -> list[str]:
    folder = f"{settings.raw_dir}/{row.system}/{row.feed}/{row.batch_id}"
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.path for entry in entries if entry.name.endswith(".parquet"))
    except FileNotFoundError:
        return []


def _create_batch(
    con: duckdb.DuckDBPyConnection, files: Files, contracts: Contracts, rows: list[LedgerRow]
) -> None:
    counted = _count_raw_rows(con, files)
    table = ", ".join(f"{name} {kind}" for name, kind in BATCH_COLUMNS.items())
    con.execute(f"create or replace table raw.batch ({table})")
    if not rows:
        return
    columns = {name: [getattr(row, name, None) for row in rows] for name in BATCH_COLUMNS}
    columns["batch_key"] = [row.key for row in rows]
    columns["raw_rows"] = [counted.get(row.key) for row in rows]
    columns["is_required"] = [
        (feed := contracts.get((row.system, row.feed))) is not None and feed.required
        for row in rows
    ]
    lists = ", ".join(f"unnest(cast(? as {kind}[]))" for kind in BATCH_COLUMNS.values())
    con.execute(f"insert into raw.batch select {lists}", list(columns.values()))


def _count_raw_rows(con: duckdb.DuckDBPyConnection, files: Files) -> dict[str, int]:
    """Rows per batch as the Parquet files say now."""
    owner = {path: key for key, paths in files.items() for path in paths}
    counted = dict.fromkeys(files, 0)
    if owner:
        listed = ", ".join(literal(path) for path in owner)
        query = f"select file_name, num_rows from parquet_file_metadata([{listed}])"
        for name, number in con.execute(query).fetchall():
            counted[owner[name]] += number
    return counted


def _create_quarantined_row(
    con: duckdb.DuckDBPyConnection, settings: Settings, rows: list[LedgerRow]
) -> None:
    columns = {"system": "varchar", "feed": "varchar", "batch_id": "varchar"} | QUARANTINE_COLUMNS
    table = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    con.execute(f"create or replace table raw.quarantined_row ({table})")
    for row in rows:
        path = settings.quarantine_dir / row.system / row.feed / f"{row.batch_id}.parquet"
        names = ", ".join(QUARANTINE_COLUMNS)
        con.execute(
            f"insert into raw.quarantined_row select {literal(row.system)}, {literal(row.feed)},"
            f" {literal(row.batch_id)}, {names} from read_parquet({literal(path)})"
        )
