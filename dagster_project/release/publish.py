"""Publish the judged build as a release: written aside, made durable, then shown in one step.

A publication can be killed at any moment. Until the folder is renamed there is only a
``.tmp-*`` folder, which the next publication removes; until the link is swapped readers see
the release before. What a release contains is written in ``contents``.

How it is known that the tables are those that were judged: the receipt holds the stamp of the
work file (inode, size, modification time, WAL), taken before judging. If it still fits, nothing
has written the file since. If not, for instance after a rebuild or a copy, every table is
digested again and must equal the receipt. Either way the file stays open, hence closed to
writers, until the release is complete.
"""

import shutil
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from dagster_project.errors import RedError, TierlineError
from dagster_project.release.build_facts import Build, read_build
from dagster_project.release.contents import write_contents, write_tables
from dagster_project.release.digest import schema_digests
from dagster_project.release.draft import (
    Draft,
    draft_folder,
    release_id_of,
    remove_leftovers,
)
from dagster_project.release.files import sync_folder, sync_tree
from dagster_project.release.previous import previous_release
from dagster_project.release.receipt import read_receipt
from dagster_project.release.releases import (
    Release,
    current_id,
    history,
    move_current,
    read_release,
)
from dagster_project.release.work_file import open_work_file, stamp
from dagster_project.settings import Settings

Progress = Callable[[str, int, int], None]
"""Called with the table that was written, how many are done and how many there are."""


def publish(
    settings: Settings,
    build_id: str | None = None,
    progress: Progress | None = None,
    draft: Draft | None = None,
) -> Release:
    """Publish the build in the work file.

    The same build again writes nothing and reports the release that exists; it does not undo a
    rollback either.

    Args:
        settings: The environment.
        build_id: The build that is expected; null takes the one that is there.
        progress: Told of each table.
        draft: An open draft, whose tables are taken if they are the judged ones.

    Raises:
        RedError: The build has no green receipt, or its tables are not those that were judged.
        UsageError: There is no build, or it is not the expected one.
        LockedError: The work file is being written, or another publication is running.
        TierlineError: The release could not be written; readers keep the one they have.
    """
    with nullcontext(draft) if draft else Draft(settings) as open_draft:
        with open_work_file(settings) as connection:
            build = read_build(settings, connection, build_id)
            receipt = _green_receipt(settings, connection, build)
            release_id = release_id_of(build)
            is_new = not (settings.releases_dir / release_id).exists()
            if is_new:
                _write(settings, connection, release_id, receipt, progress, open_draft)
        _show(settings, release_id)
        return read_release(settings, release_id, is_new)


def _green_receipt(settings: Settings, connection: Any, build: Build) -> dict[str, Any]:
    receipt = read_receipt(settings, build.build_id)
    if receipt.get("green") is not True:
        failed = [r for r in receipt["gate"]["results"] if r["status"] == "FAIL"]
        names = ", ".join(sorted({r["control_id"] or r["name"] for r in failed})[:5])
        raise RedError(
            f"Build {build.build_id} is red; its publication is HELD.",
            f"Red: {names or 'the build is not complete'}.",
            "Correct the cause, then build and gate again; `tierline gate` lists the rows."
            " Finance can waive a control: `tierline decide waive`.",
        )
    if not build.is_complete:
        raise RedError(
            f"Build {build.build_id} is being changed; nothing was published.",
            "The work file does not hold a complete build.",
            "Run `tierline build` and `tierline gate`.",
        )
    if receipt["work_file"] != stamp(settings):
        _compare_digests(connection, build, receipt)
    return receipt


def _compare_digests(connection: Any, build: Build, receipt: dict[str, Any]) -> None:
    found = {table: d.as_dict() for table, d in schema_digests(connection, "marts").items()}
    judged = receipt["tables"]
    changed = sorted(t for t in {*found, *judged} if found.get(t) != judged.get(t))
    if changed:
        raise RedError(
            f"Build {build.build_id} was changed after it was judged; nothing was published.",
            f"Other content than in the receipt: {', '.join(changed)}.",
            "Run `tierline gate` again.",
        )


def _write(
    settings: Settings,
    connection: Any,
    release_id: str,
    receipt: dict[str, Any],
    progress: Progress | None,
    draft: Draft,
) -> None:
    import duckdb

    folder, tables = draft_folder(settings, release_id), receipt["tables"]
    try:
        fresh_bytes = draft.fresh_bytes(release_id, tables)
        if fresh_bytes is None:
            remove_leftovers(settings)
            folder.mkdir(parents=True)
            facts = (release_id, receipt["build_id"], receipt["as_of"])
            previous = previous_release(settings)
            fresh_bytes = write_tables(
                settings, connection, folder, facts, tables, previous, progress
            )
        write_contents(settings, connection, folder, release_id, receipt, fresh_bytes)
        sync_tree(folder)
        folder.rename(settings.releases_dir / release_id)
        sync_folder(settings.releases_dir)
    except (OSError, duckdb.Error) as error:
        raise TierlineError(
            f"Release {release_id} could not be written; readers keep the one they have.",
            f"{str(error).splitlines()[0]} ({_free(settings.releases_dir)} free).",
            "Make room or correct the cause, then run `tierline publish` again.",
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free(folder: Path) -> str:
    return f"{shutil.disk_usage(folder).free / 2**20:,.0f} MiB"


def _show(settings: Settings, release_id: str) -> None:
    """Make a release current unless it has been current before.

    A publication killed between writing and showing is completed here; a release that somebody
    rolled back from stays where it is.
    """
    before = current_id(settings)
    shown = any(move["release_id"] == release_id for move in history(settings))
    if before == release_id and not shown:
        before = None  # killed between the swap and its line in the history
    if not shown:
        move_current(settings, release_id, "publish", before)
