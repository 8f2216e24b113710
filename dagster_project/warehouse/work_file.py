"""The work file, opened for writing. Gates and publication open it read-only in ``release``.

Connections of one process share a database and its cache as long as one of them is open and all
ask for the same configuration: what stands here must be what ``dbt/profiles.yml`` says.
"""

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
        "preserve_insertion_order": False,
        "checkpoint_threshold": "1GB",
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
