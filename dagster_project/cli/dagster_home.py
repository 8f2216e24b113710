"""Where Dagster keeps its runs: DAGSTER_HOME if set, else a folder of the home.

`python -m dagster_project.cli.dagster_home` prepares it and prints its path.
"""

import os
import shutil
from pathlib import Path

from dagster_project.settings import PROJECT_ROOT, Settings, get_settings


def dagster_home(settings: Settings) -> Path:
    """Return the folder, with the project's `dagster.yaml` in it unless it has its own."""
    folder = Path(os.environ.get("DAGSTER_HOME") or settings.home / "dagster")
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "dagster.yaml").exists():
        shutil.copy(PROJECT_ROOT / "dagster.yaml", folder / "dagster.yaml")
    return folder


if __name__ == "__main__":
    print(dagster_home(get_settings()))
