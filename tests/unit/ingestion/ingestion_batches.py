"""Small batches for tests: a folder with a manifest and data files of one feed."""

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any

CARRIER = {
    "carrier_id": "C1",
    "name": "Fast",
    "scac": "FAST",
    "modes": "LTL",
    "is_hazmat": "false",
    "insured_to": "",
}
FX = {
    "from_currency": "EUR",
    "to_currency": "USD",
    "rate_date": "2025-01-02",
    "rate_type": "M",
    "rate": "1.1",
}


def as_csv(rows: list[dict[str, Any]], delimiter: str = ",", end: str = "\n") -> str:
    """Rows as CSV text with a header."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write_batch(
    root: Path,
    batch_id: str,
    content: bytes | str | dict[str, bytes],
    rows: int | None = None,
    system: str = "erp",
    feed: str = "fx_rate",
    **manifest: Any,
) -> Path:
    """Write a batch folder below ``root`` and return it.

    Args:
        content: The file, or files by name.
        rows: Rows of each file; by default lines without the header.
        manifest: Fields of the manifest that differ from a plain FULL batch in CSV.
    """
    folder = root / system / feed / batch_id
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(content, str):
        content = content.encode()
    files = content if isinstance(content, dict) else {f"{feed}.csv": content}
    listed = []
    for name, data in files.items():
        (folder / name).write_bytes(data)
        count = data.count(b"\n") - 1 if rows is None else rows
        listed.append(
            {"name": name, "row_count": count, "sha256": hashlib.sha256(data).hexdigest()}
        )
    document = {
        "batch_id": batch_id,
        "system": system,
        "feed": feed,
        "schema_version": "1",
        "mode": "FULL",
        "window_from": None,
        "window_to": None,
        "extracted_at": "2025-01-31T00:00:00Z",
        "files": listed,
        "row_count": sum(file["row_count"] for file in listed),
        "control_totals": {},
        "format": "csv",
    } | manifest
    (folder / "manifest.json").write_text(json.dumps(document))
    return folder
