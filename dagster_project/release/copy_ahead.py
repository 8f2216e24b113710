"""The database of the release before, copied and made durable while the build goes on.

Copying and flushing it is waiting for the disk, which a build that computes does not need; after
the gate the same wait would keep readers from the release.
"""

import os
import shutil
import threading
from contextlib import suppress
from pathlib import Path

from dagster_project.release.files import sync_file
from dagster_project.release.previous import previous_release
from dagster_project.settings import Settings


class CopyAhead:
    """A context; the copy is gone when it ends, unless a release was made of it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._path = settings.work_dir / f"release_before.{os.getpid()}.duckdb"
        self._source: Path | None = None
        self._is_whole = False
        self._thread: threading.Thread | None = None

    def __enter__(self) -> "CopyAhead":
        for path in self._path.parent.glob("release_before.*.duckdb"):
            if not _is_running(int(path.name.split(".")[1])):
                path.unlink(missing_ok=True)
        return self

    def __exit__(self, *error: object) -> None:
        if self._thread:
            self._thread.join()
        self._path.unlink(missing_ok=True)

    def start(self) -> None:
        """Begin in the background; where it fails, the database is copied when it is needed."""
        self._thread = threading.Thread(target=self._run, name="copy-release", daemon=True)
        self._thread.start()

    def take(self, source: Path, target: Path) -> None:
        """Put a copy of a file in its place: the one made ahead, or else a new one.

        Raises:
            OSError: It could not be copied either.
        """
        if self._thread:
            self._thread.join()
        if self._is_whole and self._source == source:
            with suppress(OSError):  # another file system
                self._path.replace(target)
                return
        copy_file(source, target)

    def _run(self) -> None:
        with suppress(OSError):  # a full disk is said when the release is written
            previous = previous_release(self._settings)
            if previous:
                self._source = previous.database
                self._path.parent.mkdir(parents=True, exist_ok=True)
                copy_file(self._source, self._path)
                sync_file(self._path)
                self._is_whole = True


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return process != os.getpid()


def copy_file(source: Path, target: Path) -> None:
    """Copy a file inside the kernel; a file system that shares blocks does not copy at all."""
    with source.open("rb") as reading, target.open("wb") as writing:
        left = source.stat().st_size
        try:
            while left:
                moved = os.copy_file_range(reading.fileno(), writing.fileno(), left)
                if not moved:
                    break
                left -= moved
        except (AttributeError, OSError):  # not on this platform or file system
            shutil.copyfile(source, target)
