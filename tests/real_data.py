"""Where the real data sets of the tests are: beside the project, never in it."""

from pathlib import Path

import pytest

from dagster_project.settings import PROJECT_ROOT


def real_data(*parts: str) -> Path:
    """Return a file or folder of the real data, or skip the test where the project stands alone."""
    path = PROJECT_ROOT.parent.joinpath("shared", "data", *parts)
    if not path.exists():
        pytest.skip(f"real data are not part of the project, and {path} is not there")
    return path
