"""What a release contains: the marts twice (DuckDB and Parquet), its manifest and its pages.

Only the folder is filled here; when it becomes visible is decided in ``publish``. Add a file
here when a reader needs it together with the figures it belongs to.
"""

import hashlib
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dagster_project.errors import TierlineError
from dagster_project.release.copy_ahead import copy_file
from dagster_project.release.database import (
    attached,
    drop_other_tables,
    start_database,
    write_table,
)
from dagster_project.release.files import write_json, write_text
from dagster_project.release.pages import gate_page, report_page
from dagster_project.release.parquet import write_parquet
from dagster_project.release.partitions import quoted
from dagster_project.release.previous import MANIFEST_VERSION, Previous
from dagster_project.settings import Settings
from dagster_project.warehouse.manifest import descriptions, packed_manifest

TABLES_AT_A_TIME = 2


def write_contents(
    settings: Settings,
    connection: Any,
    folder: Path,
    release_id: str,
    receipt: dict[str, Any],
    fresh_bytes: int,
) -> None:
    """Write what belongs to the tables that are there: pages, receipt and manifest.

    Args:
        settings: The environment.
        connection: The open work file.
        folder: Folder with the tables, not yet visible to readers.
        release_id: Id of the release.
        receipt: The green receipt of the build.
        fresh_bytes: As ``write_tables`` returned it.
    """
    docs = packed_manifest(settings)
    report = report_page(connection, release_id, receipt)
    write_text(folder / "report" / "index.html", report)
    write_text(folder / "gates" / "index.html", gate_page(receipt, release_id))
    write_json(folder / "receipt.json", receipt)
    if docs:
        shutil.copyfile(docs, folder / "dbt_manifest.json.gz")
    write_json(
        folder / "manifest.json", _manifest(folder, release_id, receipt, bool(docs), fresh_bytes)
    )


def write_tables(
    settings: Settings,
    connection: Any,
    folder: Path,
    facts: tuple[str, str, str],
    tables: dict[str, Any],
    previous: Previous | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    copy: Callable[[Path, Path], None] = copy_file,
) -> int:
    """Write the tables into an empty folder, as DuckDB and as Parquet.

    Args:
        settings: The environment.
        connection: The open work file.
        folder: Where to write.
        facts: Id of the release, id of the build, logical date.
        tables: Digests of the tables, as in a receipt.
        previous: The release before; what has not changed since is taken from it.
        progress: Told of each table.
        copy: Puts a copy of the database of the release before in a place.

    Returns:
        Size in bytes that the database has when written as a whole.
    """
    texts = descriptions(settings)
    path = folder / "marts.duckdb"
    base = start_database(connection, path, tables, previous, copy)
    with attached(connection, path):
        drop_other_tables(connection, tables, base)

        def write(table: str) -> str:
            with connection.cursor() as cursor:
                _write_table(cursor, folder, table, tables[table], base, previous)
            return table

        # Most tables are too small for DuckDB to use more than one core.
        with ThreadPoolExecutor(TABLES_AT_A_TIME) as pool:
            for done, table in enumerate(pool.map(write, tables), start=1):
                if table in texts:
                    text = texts[table].replace("'", "''")
                    name = quoted("release", "main", table)
                    connection.execute(f"comment on table {name} is '{text}'")
                if progress:
                    progress(table, done, len(tables))
        connection.execute(
            "create or replace table release.main.release_info as select ? as release_id,"
            " ? as build_id, cast(? as date) as as_of",
            list(facts),
        )
        connection.execute("checkpoint release")
    return base.fresh_bytes if base else path.stat().st_size


def _write_table(
    connection: Any,
    folder: Path,
    table: str,
    entry: dict[str, Any],
    base: Previous | None,
    previous: Previous | None,
) -> None:
    written = write_table(connection, table, entry, base)
    packed = write_parquet(connection, folder, table, entry, previous)
    if not written == packed == entry["rows"]:
        raise TierlineError(
            f"The release of {table} is not complete; nothing was published.",
            f"{entry['rows']} rows were judged, {written} and {packed} were written.",
            "Check the disk, then run `tierline publish` again.",
        )


def _manifest(
    folder: Path,
    release_id: str,
    receipt: dict[str, Any],
    has_dbt_manifest: bool,
    fresh_bytes: int,
) -> dict[str, Any]:
    receipt_file = (folder / "receipt.json").read_bytes()
    return {
        "manifest_version": MANIFEST_VERSION,
        "release_id": release_id,
        "build_id": receipt["build_id"],
        "as_of": receipt["as_of"],
        "published_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "code_version": receipt["code_version"],
        "policy_version": receipt["build"].get("policy_version"),
        "group_currency": receipt["build"].get("group_currency"),
        "audit_head": receipt["build"].get("decisions"),
        "waivers": receipt["gate"].get("waivers", []),
        "explanations": receipt["gate"].get("explanations", []),
        "receipt": {"file": "receipt.json", "sha256": hashlib.sha256(receipt_file).hexdigest()},
        "dbt_manifest": "dbt_manifest.json.gz" if has_dbt_manifest else None,
        "data_through": {feed: f["data_through"] for feed, f in receipt["feeds"].items()},
        "database": {"file": "marts.duckdb", "fresh_bytes": fresh_bytes},
        "tables": receipt["tables"],
    }
