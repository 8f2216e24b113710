"""The main Dagster job in this process, so that its run is there in the UI afterwards."""

import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dagster_project.cli.dagster_home import dagster_home
from dagster_project.cli.output import ProgressCallback
from dagster_project.settings import Settings

STEPS = {
    "standardise": "party records",
    "identity": "one customer",
    "unify": "staging and unified tables",
    "segmentation": "segments",
    "account": "facts",
    "cost_to_serve": "costs of segments",
    "marts": "marts",
    "gate": "gate",
    "release__current": "release",
}


def run_refresh(settings: Settings, progress: ProgressCallback) -> Any:
    """Run the job `refresh` and return Dagster's result; a red step does not raise.

    Run and events are kept under DAGSTER_HOME.
    """
    os.environ["DAGSTER_HOME"] = str(dagster_home(settings))
    from dagster import DagsterInstance

    from dagster_project.definitions import defs

    job = defs().resolve_job_def("refresh")
    run_id = str(uuid.uuid4())
    total = len(job.nodes)
    done = 0

    def on_event(entry: Any) -> None:
        nonlocal done
        event = entry.dagster_event
        if event is None or event.step_key is None:
            return
        done += event.event_type_value in {"STEP_SUCCESS", "STEP_FAILURE"}
        if event.event_type_value == "STEP_START":
            step = event.step_key.replace("land_", "landing ")
            progress(STEPS.get(step, step), done, total)

    with _brisk_sqlite(), DagsterInstance.get() as instance:
        instance.add_event_listener(run_id, on_event)
        return job.execute_in_process(
            instance=instance,
            run_id=run_id,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            tags={"tierline/started_by": "demo"},
        )


@contextmanager
def _brisk_sqlite() -> Iterator[None]:
    """Spare Dagster's SQLite files a flush of the disk at every event.

    Dagster opens and closes its files several times per event, which costs a checkpoint each
    time, half of the demo's time in all. One connection that stays open per file prevents
    that. A killed process loses nothing; only a power cut could take the last events along.
    """
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    keepers: dict[str, sqlite3.Connection] = {}

    def on_connect(connection: Any, _record: Any) -> None:
        if not isinstance(connection, sqlite3.Connection):
            return
        connection.execute("pragma synchronous = normal")
        path = connection.execute("pragma database_list").fetchone()[2]
        if path and path not in keepers:
            keepers[path] = sqlite3.connect(path, check_same_thread=False)
        if path:
            # Reading is what takes hold of the write-ahead log, which may be there only now.
            keepers[path].execute("select count(*) from sqlite_master").fetchone()

    event.listen(Engine, "connect", on_connect)
    try:
        yield
    finally:
        event.remove(Engine, "connect", on_connect)
        for keeper in keepers.values():
            keeper.close()


def preload() -> None:
    """Import what the job needs; meant for a thread beside work that does not need Python."""
    import dbt.cli.main  # noqa: F401

    import dagster_project.definitions

    dagster_project.definitions.defs()
