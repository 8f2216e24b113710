"""One run of the whole pipeline, for a process that will be killed."""

import sys
from pathlib import Path


def run(home: str, delivery: str) -> None:
    """Land, build, gate and publish; the exit code is 0 only if all of it came to its end."""
    from dagster_project.pipeline import refresh, require_release
    from dagster_project.settings import Settings

    require_release(refresh(Settings(home=Path(home)), Path(delivery)))
    sys.exit(0)
