"""A home of its own for each test, its decisions on each database that is supported."""

import pytest

from dagster_project.settings import Settings


@pytest.fixture
def settings(tmp_path, url) -> Settings:
    return Settings(home=tmp_path / "home", decisions_url=url)
