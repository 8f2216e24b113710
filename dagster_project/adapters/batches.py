"""Batches in the landing form: data files and the manifest that vouches for them.

Everything that writes a batch goes through ``write_batch``. What is done with a batch afterwards
belongs to ``dagster_project.ingestion``.
"""

import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dagster_project.errors import UsageError
from dagster_project.ingestion.contract import Feed

SCHEMA_VERSION = "1"
_MOMENT = ("mode", "source_system", "extracted_at")


@dataclass(frozen=True)
class WrittenBatch:
    """One batch that now lies ready to be landed."""

    system: str
    feed: str
    batch_id: str
    folder: Path
    row_count: int
    control_totals: dict[str, str]
    rows_without: dict[str, int] = field(default_factory=dict)
    """Column that must have a value -> rows that have none; they will go to quarantine."""


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_batch(
    feed: Feed,
    files: dict[Path, int],
    out_dir: Path,
    *,
    control_totals: dict[str, str],
    extracted_at: str,
    batch_prefix: str,
    batch_id: str | None = None,
    **manifest_fields: Any,
) -> WrittenBatch:
    """Move finished data files into ``<out>/<system>/<feed>/<batch_id>/`` with their manifest.

    A full extract of the same moment that lies there with another content is superseded: the
    export or its mapping was corrected.

    Args:
        files: Data file -> rows in it. The files are moved.
        batch_prefix: Start of the batch id; day and content make the rest, so that the same
            content always has the same id and another content another one.
        manifest_fields: Further fields of the manifest (mode, window, format, encoding ...).
    """
    manifest = {
        "system": feed.system,
        "feed": feed.name,
        "schema_version": SCHEMA_VERSION,
        "mode": "FULL",
        "window_from": None,
        "window_to": None,
        "extracted_at": extracted_at,
        "files": [
            {"name": path.name, "row_count": rows, "sha256": sha256_of(path)}
            for path, rows in files.items()
        ],
        "row_count": sum(files.values()),
        "control_totals": control_totals,
    }
    manifest |= {name: value for name, value in manifest_fields.items() if value is not None}
    digest = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
    batch_id = batch_id or f"{batch_prefix}-{extracted_at[:10].replace('-', '')}-{digest[:8]}"
    folder = out_dir / feed.system / feed.name / batch_id
    manifest = {"batch_id": batch_id, **manifest}
    if folder.exists():
        _must_equal(folder, manifest)
    else:
        if manifest["mode"] == "FULL" and "supersedes_batch_id" not in manifest:
            older = _same_moment(folder.parent, manifest)
            manifest |= {"supersedes_batch_id": older} if older else {}
        _place(list(files), manifest, folder)
    return WrittenBatch(
        feed.system, feed.name, batch_id, folder, sum(files.values()), control_totals
    )


def _same_moment(parent: Path, manifest: dict[str, Any]) -> str | None:
    """Find the full extract of the same source and moment that nothing has superseded yet."""
    others = [
        json.loads(path.read_text(encoding="utf-8")) for path in parent.glob("*/manifest.json")
    ]
    superseded = {other.get("supersedes_batch_id") for other in others}
    found = [
        other["batch_id"]
        for other in others
        if other["batch_id"] not in superseded
        and all(other.get(name) == manifest.get(name) for name in _MOMENT)
    ]
    return max(found, default=None)


def _must_equal(folder: Path, manifest: dict[str, Any]) -> None:
    there = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if {**there, "supersedes_batch_id": None} != {**manifest, "supersedes_batch_id": None}:
        raise UsageError(
            f"Batch {manifest['batch_id']} is there already, with another content.",
            f"{folder} is not overwritten: a batch never changes.",
            "Choose another batch id and name the old one in supersedes.",
        )


def _place(files: list[Path], manifest: dict[str, Any], folder: Path) -> None:
    """Put a batch where a reader sees either all of it or nothing."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    parcel = Path(tempfile.mkdtemp(prefix=".", dir=folder.parent))
    parcel.chmod(0o755)
    for path in files:
        shutil.move(path, parcel / path.name)
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (parcel / "manifest.json").write_text(text, encoding="utf-8")
    parcel.rename(folder)
