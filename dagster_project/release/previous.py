"""The release that the next one starts from: what has not changed since is not written again.

Only read; a file of a release never changes once it is published, so two releases may share it.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagster_project.release.releases import list_releases
from dagster_project.settings import Settings

MANIFEST_VERSION = 4
"""Raise it when digests or the layout of the files change: older releases are no start then."""


@dataclass(frozen=True)
class Previous:
    """Folder of a release and what its manifest says about its tables."""

    path: Path
    tables: dict[str, dict[str, Any]]
    fresh_bytes: int
    """Size of its ``marts.duckdb``, or of the one it descends from, when written as a whole."""

    @property
    def database(self) -> Path:
        return self.path / "marts.duckdb"

    def entry(self, table: str) -> dict[str, Any]:
        return self.tables.get(table, {})

    def same(self, table: str, entry: dict[str, Any]) -> bool:
        """Tell whether a table has the same rows and columns as in the release."""
        keys = ("rows", "sha256", "schema_hash")
        return all(self.entry(table).get(key) == entry[key] for key in keys)


def previous_release(settings: Settings) -> Previous | None:
    """Return the newest release, or None if there is none that this version can continue."""
    releases = list_releases(settings)
    if not releases:
        return None
    manifest = json.loads((releases[0].path / "manifest.json").read_text(encoding="utf-8"))
    if manifest["manifest_version"] != MANIFEST_VERSION:
        return None
    return Previous(releases[0].path, manifest["tables"], manifest["database"]["fresh_bytes"])
