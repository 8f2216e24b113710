"""The main Dagster job in this process, so that its run is there in the UI afterwards."""

import os
import uuid
from typing import Any

from dagster_project.cli.dagster_home import dagster_home
from dagster_project.cli.output import ProgressCallback
from dagster_project.settings import Settings

STEPS = {
    "unify": "staging and unified tables",
    "segmentation": "segments",
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

    with DagsterInstance.get() as instance:
        instance.add_event_listener(run_id, on_event)
        return job.execute_in_process(
            instance=instance,
            run_id=run_id,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            tags={"tierline/started_by": "demo"},
        )


def preload() -> None:
    """Import what the job needs; meant for a thread beside work that does not need Python."""
    import dbt.cli.main  # noqa: F401

    import dagster_project.definitions

    dagster_project.definitions.defs()
