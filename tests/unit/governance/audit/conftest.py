"""A home of its own for each test."""

import pytest

from dagster_project.settings import Settings


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(home=tmp_path / "home")
