"""The tables of a release, written while suites judge the build they come from.

Suites are mostly Python and writing tables is mostly DuckDB, so that together they take little
longer than the longer of the two. Nobody sees a draft: ``publish`` alone makes a release of it, by
a green receipt for the very tables that were written, and what it does not take is thrown away.
"""

import json
import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from dagster_project.release.build_facts import Build
from dagster_project.release.contents import write_tables
from dagster_project.release.copy_ahead import CopyAhead, copy_file
from dagster_project.release.digest import TableDigest
from dagster_project.release.files import exclusive
from dagster_project.release.previous import previous_release
from dagster_project.release.releases import lock_path
from dagster_project.release.work_file import open_work_file
from dagster_project.settings import Settings


class Draft:
    """A context that holds the lock of publication; its folder is gone when it ends."""

    def __init__(
        self,
        settings: Settings,
        progress: Callable[[str, int, int], None] | None = None,
        ahead: CopyAhead | None = None,
    ) -> None:
        self._settings, self._progress = settings, progress
        self._copy = ahead.take if ahead else copy_file
        self._stack = ExitStack()
        self._written: tuple[str, str, Future[int]] | None = None

    def __enter__(self) -> "Draft":
        """Take the lock.

        Raises:
            LockedError: Another publication is running.
        """
        with ExitStack() as stack:
            stack.enter_context(exclusive(lock_path(self._settings)))
            remove_leftovers(self._settings)
            stack.callback(remove_leftovers, self._settings)
            self._pool = stack.enter_context(ThreadPoolExecutor(1))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def begin(self, build: Build, digests: dict[str, TableDigest]) -> None:
        """Start writing the tables of a build, unless its release is there already."""
        release_id = release_id_of(build)
        if not (self._settings.releases_dir / release_id).exists():
            tables = _as_in_receipt(digests)
            written = self._pool.submit(self._write, build, release_id, tables)
            self._written = release_id, json.dumps(tables), written

    def fresh_bytes(self, release_id: str, tables: dict[str, Any]) -> int | None:
        """Wait for the tables; None where they are not those of the receipt, or not complete."""
        if self._written is None or self._written[:2] != (release_id, json.dumps(tables)):
            return None
        written = self._written[2]
        return None if written.exception() else written.result()

    def _write(self, build: Build, release_id: str, tables: dict[str, Any]) -> int:
        folder = draft_folder(self._settings, release_id)
        folder.mkdir(parents=True)
        previous = previous_release(self._settings)
        with open_work_file(self._settings) as connection:
            facts = (release_id, build.build_id, build.as_of)
            return write_tables(
                *(self._settings, connection, folder, facts, tables, previous),
                *(self._progress, self._copy),
            )


def release_id_of(build: Build) -> str:
    return f"{build.as_of}-{build.build_id}"


def draft_folder(settings: Settings, release_id: str) -> Path:
    """Where a release is written before it is complete."""
    return settings.releases_dir / f".tmp-{release_id}"


def remove_leftovers(settings: Settings) -> None:
    """Throw away what a publication left that did not come to its end."""
    for folder in settings.releases_dir.glob(".tmp-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _as_in_receipt(digests: dict[str, TableDigest]) -> dict[str, Any]:
    return json.loads(json.dumps({name: digest.as_dict() for name, digest in digests.items()}))
