"""A tiny home with a finished build, and suites that fit it."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from release_home import CONTROL_SUITE, CONTROLS, SUITE, make_build

from dagster_project.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(env="ci", home=tmp_path / "home", memory_limit="1GB")


@pytest.fixture
def built(settings: Settings) -> Settings:
    make_build(settings)
    return settings


@pytest.fixture
def tamper(built: Settings) -> Callable[[str], None]:
    """Run SQL in the work file."""

    def run(sql: str) -> None:
        con = duckdb.connect(str(built.warehouse_path))
        con.execute(sql)
        con.close()

    return run


@pytest.fixture
def suites(tmp_path: Path) -> Path:
    """A folder with one table suite and one control suite."""
    folder = tmp_path / "suites"
    folder.mkdir()
    (folder / "fct_order_line.py").write_text(SUITE)
    (folder / "controls.py").write_text(
        CONTROL_SUITE
        + "\n".join(
            f'EXPECTATIONS += control("{c}", severity="HIGH", why="Test.")'
            for c in CONTROLS
            if c not in ("R-01", "R-12")
        )
    )
    return folder
