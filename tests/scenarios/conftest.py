"""One home, one build, all scenarios: each module adds its rows and asks the marts about them."""

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.ingestion import land
from dagster_project.settings import Settings
from dagster_project.warehouse.build import build

from .world import AS_OF, World

HERE = Path(__file__).parent
Ask = Callable[[str], list[dict[str, Any]]]


def every_scenario() -> World:
    """The rows of all scenarios."""
    world = World()
    for path in sorted(HERE.glob("test_e*.py")):
        importlib.import_module(f"{__package__}.{path.stem}").given(world)
    return world


@pytest.fixture(scope="session")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The work file after one build of every scenario's rows."""
    root = tmp_path_factory.mktemp("scenarios")
    every_scenario().write(root / "extracts")
    settings = Settings(home=root / "home", as_of=AS_OF, group_currency="EUR")
    land(settings, from_dir=root / "extracts")
    result = build(settings)
    broken = [f for f in result.failures if f.resource_type != "test"]
    assert not broken, f"{broken[0].name}: {broken[0].message}"
    con = duckdb.connect(str(settings.warehouse_path), read_only=True)
    yield con
    con.close()


@pytest.fixture
def ask(marts: duckdb.DuckDBPyConnection) -> Ask:
    """Run a query and return its rows as dictionaries; decimals and dates as they are."""

    def run(query: str) -> list[dict[str, Any]]:
        cursor = marts.execute(query)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    return run


@pytest.fixture
def service(ask: Ask) -> Callable[[str], dict[str, Any]]:
    """The delivery service of the first line of an order."""

    def of(order_id: str) -> dict[str, Any]:
        rows = ask(f"select * from marts.fct_order_line_service where order_id = '{order_id}'")
        assert len(rows) == 1, f"{len(rows)} rows of service for {order_id}"
        return rows[0]

    return of
