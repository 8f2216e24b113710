"""One run of the whole pipeline, for a process that will be killed."""

import sys
from pathlib import Path


def run(home: str, delivery: str) -> None:
    """Land, build, gate and publish; the exit code is 0 only if all of it came to its end."""
    from dagster_project.ingestion import land
    from dagster_project.release import gate, publish
    from dagster_project.settings import Settings
    from dagster_project.warehouse.build import build

    settings = Settings(home=Path(home))
    land(settings, Path(delivery))
    assert build(settings).ok
    assert gate(settings).passed
    publish(settings)
    sys.exit(0)
