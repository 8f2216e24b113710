"""The landing folder: what has arrived, and whether a batch is whole.

Answers questions about folders and manifests; contents of data files are only hashed here.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from dagster_project.errors import UsageError
from dagster_project.ingestion.contract import Contracts, Feed
from dagster_project.ingestion.ledger import LedgerRow
from dagster_project.ingestion.manifest import (
    MANIFEST_NAME,
    SAFE_NAME,
    Manifest,
    ManifestError,
    parse_manifest,
)

GROWING_SECONDS = 20.0
"""A file changed this recently may still be growing: its batch waits instead of being held."""


@dataclass(frozen=True)
class Arrival:
    """A batch folder in landing."""

    system: str
    feed: str
    batch_id: str
    path: Path

    @property
    def key(self) -> str:
        return f"{self.system}/{self.feed}/{self.batch_id}"

    def signature(self, feed: Feed | None) -> str:
        """Changes when a file of the batch or the contract changes."""
        digest = hashlib.sha256(repr(feed).encode())
        with os.scandir(self.path) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                stat = entry.stat()
                digest.update(f"{entry.name}|{stat.st_size}|{stat.st_mtime_ns}\n".encode())
        return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Verdict:
    """The ledger row of an arrival (``accepted``: whole, ready to be read) and its manifest."""

    row: LedgerRow
    manifest: Manifest | None = None


def arrivals(landing_dir: Path) -> Iterator[Arrival]:
    """All batch folders, in a fixed order. Names that begin with a dot are not looked at."""
    for folder in sorted(landing_dir.glob("[!.]*/[!.]*/[!.]*")):
        if folder.is_dir():
            yield Arrival(folder.parent.parent.name, folder.parent.name, folder.name, folder)


def copy_in(from_dir: Path, landing_dir: Path) -> None:
    """Copy a tree of batches into landing; what is already there is left alone.

    Raises:
        UsageError: There is no such folder, or it holds no batches.
    """
    if not from_dir.is_dir():
        raise UsageError(f"There is no folder {from_dir}.", "", "Name a folder with batches.")
    if (from_dir / "landing").is_dir():
        from_dir = from_dir / "landing"
    found = list(arrivals(from_dir))
    if not found:
        raise UsageError(
            f"{from_dir} holds no batches.",
            "Expected folders <system>/<feed>/<batch_id>/ with a manifest.json in each.",
            "See the how-to on bringing your own data.",
        )
    deeper = [path.name for path in sorted(from_dir.iterdir()) if _is_delivery(path)]
    if deeper:
        raise UsageError(
            f"{from_dir} holds {len(deeper)} deliveries, not one.",
            f"The batches lie one folder deeper, the first in {deeper[0]}.",
            f"Land them one by one: `tierline land --from {from_dir / deeper[0]}`.",
        )
    for arrival in found:
        target = landing_dir / arrival.system / arrival.feed / arrival.batch_id
        target.mkdir(parents=True, exist_ok=True)
        for path in sorted(arrival.path.iterdir(), key=lambda path: path.name == MANIFEST_NAME):
            _copy_file(path, target / path.name)


def _is_delivery(folder: Path) -> bool:
    """Does the folder hold ``<system>/<feed>/<batch_id>/manifest.json`` itself?"""
    return next(folder.glob(f"[!.]*/[!.]*/[!.]*/{MANIFEST_NAME}"), None) is not None


def _copy_file(source: Path, target: Path) -> None:
    if not source.is_file():
        return
    stat = source.stat()
    if target.exists():
        there = target.stat()
        if (there.st_size, there.st_mtime_ns) == (stat.st_size, stat.st_mtime_ns):
            return
    partial = target.with_name(f".{target.name}.partial")
    try:
        shutil.copy2(source, partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def judge(arrival: Arrival, feed: Feed | None, contracts: Contracts, row: LedgerRow) -> Verdict:
    """Read the manifest and compare the files with it."""
    path = arrival.path / MANIFEST_NAME
    if not path.exists():
        return Verdict(replace(row, reason=f"{MANIFEST_NAME} has not arrived"))
    try:
        manifest = parse_manifest(path.read_bytes())
        _check_place(arrival, feed, contracts, manifest)
    except ManifestError as error:
        status = "waiting" if error.field == MANIFEST_NAME and _is_fresh(path) else "held"
        return Verdict(replace(row, status=status, reason=str(error)))
    row = row.stating(manifest)
    for file in manifest.files:
        if not (arrival.path / file.name).is_file():
            return Verdict(replace(row, reason=f"file {file.name} has not arrived"), manifest)
    for file in manifest.files:
        data = arrival.path / file.name
        found = _sha256(data)
        if found != file.sha256:
            status = "waiting" if _is_fresh(data) else "held"
            size = data.stat().st_size
            reason = (
                f"sha256 of {file.name}: expected {file.sha256[:12]}…,"
                f" found {found[:12]}… ({size} bytes)"
            )
            return Verdict(replace(row, status=status, reason=reason), manifest)
    return Verdict(
        replace(row, status="accepted", fingerprint=content_fingerprint(manifest)), manifest
    )


def _check_place(
    arrival: Arrival, feed: Feed | None, contracts: Contracts, manifest: Manifest
) -> None:
    if not SAFE_NAME.fullmatch(arrival.batch_id):
        raise ManifestError("folder", "a name of letters, digits and ._=+@-", arrival.batch_id)
    for name in ("system", "feed", "batch_id"):
        if getattr(manifest, name) != getattr(arrival, name):
            raise ManifestError(
                name, f"{getattr(arrival, name)!r} as its folder says", getattr(manifest, name)
            )
    if feed is None:
        known = ", ".join(sorted(f for s, f in contracts if s == arrival.system)) or ", ".join(
            sorted({s for s, _ in contracts})
        )
        raise ManifestError(
            "feed", f"one with a contract ({known})", f"{arrival.system}.{arrival.feed}"
        )


def _is_fresh(path: Path) -> bool:
    return time.time() - path.stat().st_mtime < GROWING_SECONDS


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_fingerprint(manifest: Manifest) -> str:
    """sha256 over the feed and the contents of its files, as the manifest states them."""
    content = [f"{manifest.system}.{manifest.feed}", *sorted(f.sha256 for f in manifest.files)]
    return hashlib.sha256("\n".join(content).encode()).hexdigest()
