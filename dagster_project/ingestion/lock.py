"""One process lands at a time; whoever comes second is told who is first."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dagster_project.errors import LockedError


@contextmanager
def landing_lock(path: Path) -> Iterator[None]:
    """Hold the lock of the landing area; the system releases it when the process dies.

    Raises:
        LockedError: Another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            handle.seek(0)
            holder = handle.read().strip() or "unknown"
            raise LockedError(
                "The landing area is in use.",
                f"Process {holder} is landing batches.",
                "Wait until it has finished, or stop that process.",
            ) from error
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield
