"""Segments as a planning cycle saw them: written once, numbered, never changed.

``frozen/<cycle>/<label>/v<n>/`` holds ``segments.parquet`` and ``manifest.json``. Late data change
later releases, never a frozen set. Freezing the same cycle again makes a new version and needs a
reason; every version stays.
"""

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from dagster_project.errors import UsageError
from dagster_project.release.files import exclusive, sync_folder, sync_tree, write_json
from dagster_project.release.partitions import literal
from dagster_project.release.releases import current_id
from dagster_project.settings import Settings

_SEGMENTS = """
    select scheme_id, entity_id, segment_code, segment_key, valid_from, valid_to, event_seq
    from release.main.dim_customer_segment
    where is_current
    order by scheme_id, entity_id
"""


@dataclass(frozen=True)
class FrozenSet:
    """What the manifest of a frozen set says."""

    cycle_id: str
    label: str
    version: int
    release_id: str
    planned_at: str
    is_degraded: bool
    feeds_behind: tuple[str, ...]
    reason: str
    rows: int
    sha256: str

    def folder(self, settings: Settings) -> Path:
        return _place(settings, self.cycle_id, self.label) / f"v{self.version}"


def freeze(
    settings: Settings,
    cycle_id: str,
    label: str,
    planned_at: str,
    feeds_behind: tuple[str, ...] = (),
    reason: str = "",
) -> FrozenSet:
    """Keep the current release's segments for a cycle.

    Args:
        settings: The home.
        cycle_id: Cycle of the refresh calendar.
        label: What the run is for, for example a fiscal period.
        planned_at: When the cycle was due, ISO 8601.
        feeds_behind: Feeds that were late; any makes the set degraded.
        reason: Why the cycle is frozen once more; needed from the second version on.

    Raises:
        UsageError: Nothing is released, or the cycle was frozen before and there is no reason.
    """
    release_id = current_id(settings)
    if release_id is None:
        raise UsageError(
            "There is nothing to freeze.", "No release is current.", "Run `tierline publish`."
        )
    place = _place(settings, cycle_id, label)
    place.mkdir(parents=True, exist_ok=True)
    with exclusive(place / ".lock"):
        for leftover in place.glob(".tmp-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        version = 1 + max((int(path.name[1:]) for path in place.glob("v*")), default=0)
        if version > 1 and not reason.strip():
            raise UsageError(
                f"{cycle_id} {label} is frozen already, as version {version - 1}.",
                "A frozen set is what planning works with; a new version needs a reason.",
                "Give the reason with --reason, or leave the set as it is.",
            )
        folder = place / f".tmp-v{version}"
        folder.mkdir()
        file = folder / "segments.parquet"
        rows = _write_segments(settings.releases_dir / release_id / "marts.duckdb", file)
        frozen = FrozenSet(
            cycle_id=cycle_id,
            label=label,
            version=version,
            release_id=release_id,
            planned_at=planned_at,
            is_degraded=bool(feeds_behind),
            feeds_behind=feeds_behind,
            reason=reason.strip(),
            rows=rows,
            sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        )
        write_json(folder / "manifest.json", asdict(frozen))
        sync_tree(folder)
        folder.rename(place / f"v{version}")
        sync_folder(place)
    return frozen


def frozen_sets(settings: Settings) -> list[FrozenSet]:
    """Return all frozen sets, by cycle, label and version."""
    manifests = sorted((settings.home / "frozen").glob("*/*/v*/manifest.json"))
    found = [json.loads(path.read_text(encoding="utf-8")) for path in manifests]
    sets = [FrozenSet(**{**one, "feeds_behind": tuple(one["feeds_behind"])}) for one in found]
    return sorted(sets, key=lambda one: (one.cycle_id, one.label, one.version))


def _place(settings: Settings, cycle_id: str, label: str) -> Path:
    return settings.home / "frozen" / cycle_id / label


def _write_segments(database: Path, file: Path) -> int:
    import duckdb

    con = duckdb.connect()
    try:
        con.execute(f"attach {literal(database)} as release (read_only)")
        con.execute(f"copy ({_SEGMENTS}) to {literal(file)} (format parquet)")
        found = con.execute(f"select count(*) from read_parquet({literal(file)})").fetchone()
        assert found
        return int(found[0])
    finally:
        con.close()
