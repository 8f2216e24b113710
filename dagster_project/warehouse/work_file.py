"""The work file, opened for writing. Gates and publication open it read-only in ``release``."""

from typing import Any

from dagster_project.errors import LockedError
from dagster_project.settings import Settings


def connect(settings: Settings) -> Any:
    """Open the work file for writing.

    Raises:
        LockedError: Another process has it open; DuckDB's message names it.
    """
    import duckdb

    config: dict[str, Any] = {
        "memory_limit": settings.memory_limit,
        "threads": settings.threads,
        "max_vacuum_tasks": 0,
    }
    try:
        con = duckdb.connect(str(settings.warehouse_path), config=config)
        # Time zones come with an extension that is not there yet while the file is opened.
        con.execute("set TimeZone = 'UTC'")
        return con
    except duckdb.IOException as error:
        if "lock" not in str(error).lower():
            raise
        raise LockedError(
            f"The work file {settings.warehouse_path} is open in another process.",
            str(error).splitlines()[0],
            "Wait for that process or end it, then run the command again.",
        ) from error
