"""Batches of customer master data for tests: rows say only what a test is about."""

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any

from dagster_project.ingestion import load_contracts

TYPICAL = {"varchar": "x", "boolean": "false", "date": "2025-01-01", "bigint": "1"}


def record(system: str, feed: str, **values: Any) -> dict[str, str]:
    """A row of a feed; what is not given is null or plain."""
    row = {}
    for column in load_contracts()[system, feed].columns:
        plain = "" if column.nullable else TYPICAL.get(column.data_type, "1")
        if column.accepted and not column.nullable:
            plain = column.accepted[0]
        value = values.pop(column.name, plain)
        row[column.name] = "" if value is None else str(value)
    assert not values, f"{system}.{feed} has no {', '.join(values)}"
    return row


def deliver(
    root: Path,
    system: str,
    feed: str,
    batch_id: str,
    day: int,
    rows: list[dict[str, Any]],
    **manifest: Any,
) -> None:
    """Write a batch that was extracted on a day of January 2025; FULL unless told otherwise."""
    folder = root / system / feed / batch_id
    folder.mkdir(parents=True, exist_ok=True)
    names = [column.name for column in load_contracts()[system, feed].columns]
    if any("_op" in row for row in rows):
        names.append("_op")
    out = io.StringIO()
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    data = out.getvalue().encode()
    (folder / "rows.csv").write_bytes(data)
    entry = {"name": "rows.csv", "row_count": len(rows), "sha256": hashlib.sha256(data).hexdigest()}
    document = {
        "batch_id": batch_id,
        "system": system,
        "feed": feed,
        "source_system": f"{system}-prod",
        "schema_version": "1",
        "mode": "FULL",
        "window_from": None,
        "window_to": None,
        "extracted_at": f"2025-01-{day:02}T04:00:00Z",
        "files": [entry],
        "row_count": len(rows),
        "control_totals": {},
        "format": "csv",
    } | manifest
    (folder / "manifest.json").write_text(json.dumps(document))


def delta(day: int) -> dict[str, str]:
    """Manifest fields of the changes of one day."""
    return {
        "mode": "DELTA",
        "window_from": f"2025-01-{day - 1:02}T04:00:00Z",
        "window_to": f"2025-01-{day:02}T04:00:00Z",
    }
