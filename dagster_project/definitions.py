"""What Dagster loads. It loads everything in `defs/` and never lists; it need not change."""

from pathlib import Path

from dagster import Definitions, definitions, load_from_defs_folder


@definitions
def defs() -> Definitions:
    """Return all assets, checks, jobs, schedules and sensors of the project."""
    return load_from_defs_folder(path_within_project=Path(__file__).parent)
