"""The work file as gates and publication see it: opened read-only, recognised by its stamp.

Writing to it is the business of ``warehouse``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dagster_project.errors import LockedError, UsageError
from dagster_project.release.partitions import literal
from dagster_project.settings import Settings

Stamp = dict[str, int]


def stamp(settings: Settings) -> Stamp:
    """Return what changes whenever the work file is written: inode, size, time, WAL.

    An equal stamp means the same file with the same content, without reading it.
    """
    found: Stamp = {}
    path = settings.warehouse_path
    for name, part in (("file", path), ("wal", path.with_name(path.name + ".wal"))):
        if part.exists():
            status = part.stat()
            found |= {
                f"{name}_inode": status.st_ino,
                f"{name}_bytes": status.st_size,
                f"{name}_mtime_ns": status.st_mtime_ns,
            }
    return found


@contextmanager
def open_work_file(settings: Settings) -> Iterator[Any]:
    """Open the work file read-only and close it again.

    Raises:
        UsageError: Nothing has been built yet.
        LockedError: A build or another program is writing it.
    """
    if not settings.warehouse_path.exists():
        raise UsageError(
            "There is no build to judge or publish.",
            f"{settings.warehouse_path} does not exist.",
            "Run `tierline build` first.",
        )
    connection = _connect(settings)
    try:
        yield connection
    finally:
        connection.close()


def _connect(settings: Settings) -> Any:
    """Attach the file to a database in memory: only so can a release be attached beside it."""
    import duckdb

    connection = duckdb.connect(
        config={
            "memory_limit": settings.memory_limit,
            "threads": settings.threads,
            "temp_directory": str(settings.work_dir / "tmp"),
            "preserve_insertion_order": False,
            # A release that is attached is checkpointed once, when it is complete, and its row
            # groups stay as they are: it is written anew when it has grown.
            "checkpoint_threshold": "100GB",
            "max_vacuum_tasks": 0,
        }
    )
    try:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach {literal(settings.warehouse_path)} as work (read_only)")
        connection.execute("use work")
    except duckdb.IOException as error:
        connection.close()
        if "lock" not in str(error).lower():
            raise
        raise LockedError(
            f"The work file {settings.warehouse_path} is being written.",
            str(error).splitlines()[0],
            "Wait for that process or end it, then run the command again.",
        ) from error
    return connection
