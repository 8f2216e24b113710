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

from .people import Log
from .small_company import ask as ask_home
from .tiers import TierCompany, TwoDays, live
from .world import AS_OF, World

HERE = Path(__file__).parent
Ask = Callable[[str], list[dict[str, Any]]]


def every_scenario() -> World:
    """The rows of all scenarios that share a home; some have a company of their own."""
    world = World()
    for path in sorted(HERE.glob("test_e*.py")):
        module = importlib.import_module(f"{__package__}.{path.stem}")
        if hasattr(module, "given"):
            module.given(world)
    return world


def scenarios_with(name: str) -> list[Any]:
    """What all scenarios that have a function of this name call it."""
    modules = [
        importlib.import_module(f"{__package__}.{path.stem}")
        for path in sorted(HERE.glob("test_e*.py"))
    ]
    return [getattr(module, name) for module in modules if hasattr(module, name)]


@pytest.fixture(scope="session")
def people_home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One home for the scenarios in which people decide: their rows, their decisions, one build."""
    root = tmp_path_factory.mktemp("people")
    settings = Settings(home=root / "home", as_of=AS_OF, group_currency="EUR")
    world = World()
    for told in scenarios_with("told"):
        told(world)
    world.write(root / "extracts")
    land(settings, from_dir=root / "extracts")
    settings.home.mkdir(parents=True, exist_ok=True)
    # Scenarios decide on days of their own; the log takes them in the order of time.
    log = Log()
    for decided in scenarios_with("decided"):
        decided(log)
    log.write(settings)
    result = build(settings)
    assert result.ok, [f"{one.name}: {one.message}" for one in result.failures]
    return settings


@pytest.fixture
def people(people_home: Settings) -> Ask:
    """Run a query on the home in which people decide."""
    return lambda query: ask_home(people_home, query)


@pytest.fixture(scope="session")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The work file after one build of every scenario's rows."""
    root = tmp_path_factory.mktemp("scenarios")
    every_scenario().write(root / "extracts")
    for delivered in scenarios_with("delivered"):
        delivered(root / "extracts")
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


@pytest.fixture(scope="session")
def tier_company(tmp_path_factory: pytest.TempPathFactory) -> TwoDays:
    """One home for the scenarios about tiers: built twice, two days later, and from scratch."""
    company = TierCompany()
    for planted in scenarios_with("planted"):
        planted(company)
    return live(company, tmp_path_factory.mktemp("tiers"))


@pytest.fixture
def tiers(tier_company: TwoDays) -> Ask:
    """Run a query on the marts of the company about tiers, as of the later day."""
    return tier_company.ask
