"""What a release contains: the marts twice (DuckDB and Parquet), its manifest and its pages.

Only the folder is filled here; when it becomes visible is decided in ``publish``. Add a file
here when a reader needs it together with the figures it belongs to.
"""

import gzip
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dagster_project.errors import TierlineError
from dagster_project.release.digest import quoted
from dagster_project.release.files import write_json, write_text
from dagster_project.release.pages import gate_page, report_page
from dagster_project.release.work_file import literal
from dagster_project.settings import Settings

STORAGE_VERSION = "v1.2.0"
"""Read by every DuckDB from 1.2 on; files in 2.0's own format are refused by every 1.x client."""


def write_contents(
    settings: Settings,
    connection: Any,
    folder: Path,
    release_id: str,
    receipt: dict[str, Any],
    progress: Callable[[str, int, int], None] | None = None,
) -> None:
    """Write everything that a release consists of into an empty folder.

    Args:
        settings: The environment.
        connection: The open work file.
        folder: Empty folder, not yet visible to readers.
        release_id: Id of the release.
        receipt: The green receipt of the build.
        progress: Told of each table.
    """
    docs = _dbt_manifest(settings)
    _write_tables(connection, folder, release_id, receipt, _descriptions(docs), progress)
    report = report_page(connection, release_id, receipt)
    write_text(folder / "report" / "index.html", report)
    write_text(folder / "gates" / "index.html", gate_page(receipt, release_id))
    write_json(folder / "receipt.json", receipt)
    if docs:
        packed = gzip.compress(docs, compresslevel=6, mtime=0)
        (folder / "dbt_manifest.json.gz").write_bytes(packed)
    write_json(folder / "manifest.json", _manifest(folder, release_id, receipt, bool(docs)))


def _write_tables(
    connection: Any,
    folder: Path,
    release_id: str,
    receipt: dict[str, Any],
    descriptions: dict[str, str],
    progress: Callable[[str, int, int], None] | None,
) -> None:
    tables = receipt["tables"]
    database = literal(folder / "marts.duckdb")
    connection.execute(f"attach {database} as release (storage_version '{STORAGE_VERSION}')")
    try:
        for done, (table, digest) in enumerate(tables.items(), start=1):
            _write_table(connection, folder, table, digest["rows"])
            if table in descriptions:
                text = descriptions[table].replace("'", "''")
                connection.execute(
                    f"comment on table {quoted('release', 'main', table)} is '{text}'"
                )
            if progress:
                progress(table, done, len(tables))
        connection.execute(
            "create table release.main.release_info as select ? as release_id, ? as build_id,"
            " cast(? as date) as as_of",
            [release_id, receipt["build_id"], receipt["as_of"]],
        )
        connection.execute("checkpoint release")
    finally:
        connection.execute("detach release")


def _write_table(connection: Any, folder: Path, table: str, rows: int) -> None:
    source = quoted("work", "marts", table)
    target = quoted("release", "main", table)
    connection.execute(f"create table {target} as select * from {source}")
    file = folder / "parquet" / table / "part-0.parquet"
    file.parent.mkdir(parents=True)
    connection.execute(f"copy {source} to {literal(file)} (format parquet)")
    (written,) = connection.execute(f"select count(*) from {target}").fetchone()
    (packed,) = connection.execute(
        f"select sum(num_rows) from parquet_file_metadata({literal(file)})"
    ).fetchone()
    if not written == packed == rows:
        raise TierlineError(
            f"The release of {table} is not complete; nothing was published.",
            f"{rows} rows were judged, {written} and {packed} were written.",
            "Check the disk, then run `tierline publish` again.",
        )


def _dbt_manifest(settings: Settings) -> bytes | None:
    from dagster_project.warehouse.manifest import target_dir

    path = target_dir(settings) / "manifest.json"
    return path.read_bytes() if path.exists() else None


def _descriptions(docs: bytes | None) -> dict[str, str]:
    nodes = json.loads(docs)["nodes"].values() if docs else []
    return {
        node["name"]: " ".join(node["description"].split())
        for node in nodes
        if node["resource_type"] == "model" and node["description"]
    }


def _manifest(
    folder: Path, release_id: str, receipt: dict[str, Any], has_dbt_manifest: bool
) -> dict[str, Any]:
    receipt_file = (folder / "receipt.json").read_bytes()
    return {
        "manifest_version": 1,
        "release_id": release_id,
        "build_id": receipt["build_id"],
        "as_of": receipt["as_of"],
        "published_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "code_version": receipt["code_version"],
        "policy_version": receipt["build"].get("policy_version"),
        "group_currency": receipt["build"].get("group_currency"),
        "audit_head": None,
        "receipt": {"file": "receipt.json", "sha256": hashlib.sha256(receipt_file).hexdigest()},
        "dbt_manifest": "dbt_manifest.json.gz" if has_dbt_manifest else None,
        "data_through": {feed: f["data_through"] for feed, f in receipt["feeds"].items()},
        "tables": receipt["tables"],
    }
