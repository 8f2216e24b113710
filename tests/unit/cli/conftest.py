"""A home of its own for each test of the command line."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path: Path, at_home) -> Path:
    at_home(tmp_path / "home")
    return tmp_path / "home"
