"""One process at a time: a lock file that names its holder and is released when the holder dies.

What is locked, and in which words a second process is told so, belongs to the package that locks.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dagster_project.errors import LockedError


@contextmanager
def exclusive_lock(path: Path, refusal: Callable[[str], LockedError]) -> Iterator[None]:
    """Hold the lock at ``path``.

    Args:
        path: The lock file; its folder is created.
        refusal: Makes the error from the process id of the holder.

    Raises:
        LockedError: Another process holds the lock.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            raise refusal(handle.read().strip() or "unknown") from error
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield
