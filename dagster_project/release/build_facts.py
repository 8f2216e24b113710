"""The build in the work file, as it describes itself: the gate and the receipt start from here.

A build writes ``state.build`` only when it has come to its end, and ``build.json`` always.
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from dagster_project.errors import UsageError
from dagster_project.settings import Settings


@dataclass(frozen=True)
class Build:
    """The build in the work file, as it describes itself and as dbt reported it."""

    build_id: str
    as_of: str
    is_complete: bool
    facts: dict[str, Any] = field(default_factory=dict)
    dbt: list[dict[str, Any]] | None = None
    feeds: dict[str, dict[str, Any]] = field(default_factory=dict)
    inputs_fingerprint: str = ""


def read_build(settings: Settings, connection: Any, expected: str | None = None) -> Build:
    """Read which build the work file holds.

    Raises:
        UsageError: There is no build, or another one than expected.
    """
    described = _description(settings)
    row = _state_build(connection)
    source = row or described
    if not source.get("build_id"):
        raise UsageError(
            "There is no build to judge or publish.",
            "The work file does not say which build it holds.",
            "Run `tierline build` first.",
        )
    build_id = source["build_id"]
    if expected and expected != build_id:
        raise UsageError(
            f"Build {expected} is not in the work file.",
            f"It holds build {build_id}.",
            f"Leave the build out, or pass {build_id}.",
        )
    own = described if described.get("build_id") == build_id else {}
    feeds, fingerprint = _feeds(connection)
    return Build(
        build_id=build_id,
        as_of=str(source["as_of"]),
        is_complete=row is not None,
        facts={key: value for key, value in (own | (row or {})).items() if key != "dbt"},
        dbt=own.get("dbt"),
        feeds=feeds,
        inputs_fingerprint=fingerprint,
    )


def _description(settings: Settings) -> dict[str, Any]:
    path = settings.work_dir / "build.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _has_table(connection: Any, schema: str, table: str) -> bool:
    found = connection.execute(
        "select 1 from information_schema.tables where table_catalog = current_database()"
        " and table_schema = ? and table_name = ?",
        [schema, table],
    )
    return found.fetchone() is not None


def _state_build(connection: Any) -> dict[str, Any] | None:
    if not _has_table(connection, "state", "build"):
        return None
    found = connection.execute("select * from state.build")
    names = [column[0] for column in found.description]
    rows = found.fetchall()
    if len(rows) != 1:
        return None
    return {n: str(v) if n == "as_of" else v for n, v in zip(names, rows[0], strict=True)}


def _feeds(connection: Any) -> tuple[dict[str, dict[str, Any]], str]:
    """Return what each feed contributed, and one fingerprint over all active batches."""
    if not _has_table(connection, "raw", "batch"):
        return {}, ""
    rows = connection.execute(
        """
        select
            system || '.' || feed, count(*), cast(sum(accepted_rows) as bigint),
            cast(max(coalesce(window_to, extracted_at)) as varchar),
            string_agg(batch_id || coalesce(fingerprint, ''), ',' order by batch_id)
        from raw.batch where is_active group by all order by all
        """
    ).fetchall()
    feeds = {r[0]: {"batches": r[1], "rows": r[2], "data_through": r[3]} for r in rows}
    text = "\n".join(f"{r[0]}={r[4]}" for r in rows)
    return feeds, hashlib.sha256(text.encode()).hexdigest()
