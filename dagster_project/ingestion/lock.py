"""One process lands at a time; whoever comes second is told who is first."""

from contextlib import AbstractContextManager
from pathlib import Path

from dagster_project.errors import LockedError
from dagster_project.locking import exclusive_lock


def landing_lock(path: Path) -> AbstractContextManager[None]:
    """Hold the lock of the landing area; the system releases it when the process dies.

    Raises:
        LockedError: Another process holds it.
    """
    return exclusive_lock(
        path,
        lambda holder: LockedError(
            "The landing area is in use.",
            f"Process {holder} is landing batches.",
            "Wait until it has finished, or stop that process.",
        ),
    )
