"""Which releases there are, which one readers see, and moving back.

``current`` is a symbolic link in the home; every move of it is a line in
``releases/history.jsonl``. Writing a release belongs in ``publish``.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from dagster_project.errors import UsageError
from dagster_project.release.files import append_line, exclusive, point_link
from dagster_project.settings import Settings


@dataclass(frozen=True)
class Release:
    """One published release, as its manifest describes it."""

    release_id: str
    build_id: str
    as_of: str
    published_at: str
    path: Path
    is_current: bool
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    data_through: dict[str, str] = field(default_factory=dict)
    is_new: bool = False
    """True if this call of ``publish`` wrote it."""

    @property
    def database(self) -> Path:
        return self.path / "marts.duckdb"


@dataclass(frozen=True)
class Staleness:
    """How far readers are behind."""

    current: Release | None
    days_behind: int | None
    """Days from the release's logical date to today."""
    waiting_build: str | None
    """The build in the work file that is not the released one."""
    waiting_is_green: bool | None
    """Verdict on the waiting build; null if it was not judged."""


def list_releases(settings: Settings) -> list[Release]:
    """Return all complete releases, the newest first."""
    found = [read_release(settings, path.parent.name) for path in _manifests(settings)]
    return sorted(found, key=lambda r: (r.published_at, r.release_id), reverse=True)


def current_release(settings: Settings) -> Release | None:
    """Return the release that readers see, or None before the first one."""
    release_id = current_id(settings)
    return read_release(settings, release_id) if release_id else None


def rollback(settings: Settings, to: str | None = None, reason: str = "") -> Release:
    """Let readers see an earlier release again.

    Args:
        settings: The environment.
        to: Release id; null takes the one that was current before this one.
        reason: Kept in the history.

    Raises:
        UsageError: There is no such release, or nothing to go back to.
        LockedError: A publication is running.
    """
    with exclusive(lock_path(settings)):
        before = current_id(settings)
        target = to or _previous(settings, before)
        known = [release.release_id for release in list_releases(settings)]
        if target not in known:
            raise UsageError(
                f"There is no release {target}.",
                f"Known releases: {', '.join(known) or 'none'}.",
                "Choose one with `tierline releases`.",
            )
        move_current(settings, target, "rollback", before, reason)
    return read_release(settings, target)


def staleness(settings: Settings, today: date) -> Staleness:
    """Compare what readers see with today and with the work file's build."""
    current = current_release(settings)
    behind = (today - date.fromisoformat(current.as_of)).days if current else None
    description = settings.work_dir / "build.json"
    built = json.loads(description.read_text())["build_id"] if description.exists() else None
    if built is None or (current and current.build_id == built):
        return Staleness(current, behind, None, None)
    receipt = settings.receipts_dir / f"{built}.json"
    green = bool(json.loads(receipt.read_text())["green"]) if receipt.exists() else None
    return Staleness(current, behind, built, green)


def read_release(settings: Settings, release_id: str, is_new: bool = False) -> Release:
    """Read one release from its manifest."""
    path = settings.releases_dir / release_id
    manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    return Release(
        release_id=release_id,
        build_id=manifest["build_id"],
        as_of=manifest["as_of"],
        published_at=manifest["published_at"],
        path=path,
        is_current=current_id(settings) == release_id,
        tables=manifest["tables"],
        data_through=manifest["data_through"],
        is_new=is_new,
    )


def current_id(settings: Settings) -> str | None:
    """Return the id that the link points to, without opening the release."""
    link = settings.current_link
    return link.readlink().name if link.is_symlink() else None


def move_current(
    settings: Settings, release_id: str, action: str, before: str | None, reason: str = ""
) -> None:
    """Swap the link and remember it. Call with the lock held."""
    point_link(settings.current_link, f"{settings.releases_dir.name}/{release_id}")
    record = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "action": action,
        "release_id": release_id,
        "from": before,
        "reason": reason,
    }
    append_line(history_path(settings), record)


def history(settings: Settings) -> list[dict[str, Any]]:
    """Return every move of ``current``, the oldest first."""
    path = history_path(settings)
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]


def history_path(settings: Settings) -> Path:
    return settings.releases_dir / "history.jsonl"


def lock_path(settings: Settings) -> Path:
    return settings.releases_dir / ".lock"


def _manifests(settings: Settings) -> list[Path]:
    paths = settings.releases_dir.glob("*/manifest.json")
    return [path for path in paths if not path.parent.name.startswith(".")]


def _previous(settings: Settings, current: str | None) -> str:
    """Find the newest release that is older than the current one."""
    releases = [release.release_id for release in list_releases(settings)]
    if current in releases and releases.index(current) + 1 < len(releases):
        return releases[releases.index(current) + 1]
    raise UsageError(
        "There is no earlier release to go back to.",
        f"Current is {current or 'not set'}; known releases: {', '.join(releases) or 'none'}.",
        "Name one with `tierline rollback --to RELEASE`.",
    )
