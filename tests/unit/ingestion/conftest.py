"""A home for one test and a short way to land into it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.ingestion import LandingReport, land, load_contracts, register_raw
from dagster_project.settings import Settings

Query = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def landed(settings: Settings) -> Callable[[], LandingReport]:
    """Run a landing over what the test has put into the landing folder."""
    return lambda: land(settings)


@pytest.fixture
def query(settings: Settings) -> Query:
    """Query the raw schema as a build would see it."""

    def run(sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect() as con:
            register_raw(con, settings, load_contracts(), None)
            return con.execute(sql).fetchall()

    return run
