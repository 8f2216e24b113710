"""Write a release as one kind of reader may see it: columns absent or hashed, rows of one region.

DuckDB has no users, so what a reader must not see is not in the files that the reader gets. The
key of the hashes lies in the home, readable by its owner only; whoever deletes it makes every
hash ever given out meaningless.
"""

import os
import secrets
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dagster_project.access.classification import Classification, load_classification
from dagster_project.access.grants import grants_on, region_for
from dagster_project.access.profiles import Profile, Treatment, load_profiles
from dagster_project.access.rows import load_open_marts, prepare_region, rows_of
from dagster_project.errors import UsageError
from dagster_project.governance.decisions import DecisionStore
from dagster_project.release.files import sync_folder, sync_tree, write_json
from dagster_project.release.partitions import literal, quoted
from dagster_project.release.releases import current_id
from dagster_project.settings import Settings

KEY_BYTES = 32


@dataclass(frozen=True)
class ExportedProfile:
    """What was written, and what was left out or hashed, by mart."""

    profile_id: str
    release_id: str
    reader: str | None
    region: str
    path: str
    rows: dict[str, int]
    hashed: dict[str, list[str]]
    dropped: dict[str, list[str]]
    marts_left_out: list[str]


def export_profile(
    settings: Settings,
    profile_id: str,
    out: Path | None = None,
    reader: str | None = None,
    today: date | None = None,
) -> ExportedProfile:
    """Write the current release for one profile; an earlier export in the same place is replaced.

    Args:
        settings: The home.
        profile_id: A profile of ``release_profile.csv``.
        out: Folder; absent: ``profiles/<release>/<profile>``, or ``<profile>-<reader>`` where a
            reader is named, in the home.
        reader: Who will get the files; must hold a grant today, and gets the rows of the region
            of the grant. Absent: the whole profile, for the people who run the home.
        today: Day on which the grant must hold; absent: the day in UTC.

    Raises:
        UsageError: The profile is unknown, nothing is released, a column has no class, the reader
            holds no grant, or the folder holds something else.
    """
    import duckdb

    profiles = load_profiles(settings.policy_dir)
    if profile_id not in profiles:
        known = ", ".join(sorted(profiles))
        raise UsageError(f"There is no profile {profile_id}.", f"Known: {known}.")
    release_id = current_id(settings)
    if release_id is None:
        raise UsageError(
            "There is nothing to export.", "No release is current.", "Run `tierline publish`."
        )
    region = profiles[profile_id].region
    if reader is not None:
        decisions = DecisionStore(settings.decisions_url).read()
        grants = grants_on(today or datetime.now(UTC).date(), decisions, set(profiles))
        region = region_for(reader, profile_id, region, grants)
    name = profile_id if reader is None else f"{profile_id}-{quote(reader, safe='')}"
    target = out or settings.home / "profiles" / release_id / name
    if target.exists() and any(target.iterdir()) and not (target / "profile.json").exists():
        raise UsageError(
            f"{target} is not an export.", "Its files would be lost.", "Choose another folder."
        )
    unfinished = target.with_name(f".tmp-{target.name}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    con = duckdb.connect(config={"threads": settings.threads})
    try:
        database = settings.releases_dir / release_id / "marts.duckdb"
        con.execute(f"attach {literal(database)} as release (read_only)")
        con.execute("set variable key = ?", [_key(settings)])
        prepare_region(con, region)
        classes = load_classification(settings.policy_dir)
        open_marts = load_open_marts(settings.policy_dir)
        facts = _write(con, profiles[profile_id], classes, region, open_marts, unfinished)
    finally:
        con.close()
    exported = ExportedProfile(profile_id, release_id, reader, region, str(target), **facts)
    write_json(unfinished / "profile.json", {**asdict(exported), "path": None})
    sync_tree(unfinished)
    shutil.rmtree(target, ignore_errors=True)
    unfinished.rename(target)
    sync_folder(target.parent)
    return exported


def select_list(
    profile: Profile, classes: Classification, mart: str, columns: list[str]
) -> tuple[list[str], list[str], list[str]]:
    """Return the SQL of the columns that a profile gets, the hashed names and the dropped ones."""
    shown, hashed, dropped = [], [], []
    for column in columns:
        treatment = profile.treatments[classes.of(mart, column)]
        name = quoted(column)
        if treatment is Treatment.DROP:
            dropped.append(column)
        elif treatment is Treatment.HASH:
            hashed.append(column)
            shown.append(f"sha256(getvariable('key') || cast({name} as varchar)) as {name}")
        else:
            shown.append(name)
    return shown, hashed, dropped


def _write(
    con: Any,
    profile: Profile,
    classes: Classification,
    region: str,
    open_marts: set[str],
    folder: Path,
) -> dict[str, Any]:
    rows: dict[str, int] = {}
    hashed: dict[str, list[str]] = {}
    dropped: dict[str, list[str]] = {}
    left_out: list[str] = []
    found = con.execute(
        "select table_name, list(column_name order by column_index) from duckdb_columns()"
        " where database_name = 'release' group by table_name order by table_name"
    ).fetchall()
    for mart, columns in found:
        where = rows_of(mart, columns, region, open_marts)
        if not profile.sees(mart) or where is None:
            left_out.append(mart)
            continue
        shown, hashed[mart], dropped[mart] = select_list(profile, classes, mart, columns)
        if not shown:
            left_out.append(mart)
            continue
        table = quoted("release", "main", mart)
        file = literal(folder / f"{mart}.parquet")
        (count,) = con.execute(
            f"copy (select {', '.join(shown)} from {table}{where}) to {file} (format parquet)"
        ).fetchone()
        rows[mart] = int(count)
    return {"rows": rows, "hashed": hashed, "dropped": dropped, "marts_left_out": left_out}


def _key(settings: Settings) -> str:
    """Return the key of the hashes, made on first use."""
    path = settings.home / "secrets" / "pii.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES))
    return path.read_text(encoding="ascii").strip()
