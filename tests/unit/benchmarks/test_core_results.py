"""The core results of the bench are those of the marts, whichever library makes them."""

import duckdb
import pytest

from benchmarks import bare_sql, core_results
from dagster_project.ingestion import land
from dagster_project.settings import Settings
from dagster_project.simulator import simulate
from dagster_project.warehouse.build import build

RESULTS = list(core_results.EXPECTED)

pytestmark = [pytest.mark.slow, pytest.mark.further]


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """Home of a small company that is built in full."""
    place = tmp_path_factory.mktemp("bench")
    settings = Settings(home=place / "home")
    simulate("XS", 1, place / "company")
    land(settings, place / "company" / "landing")
    built = build(settings)
    assert built.ok, built.failures[:5]
    return settings


@pytest.fixture(scope="module")
def folder(settings):
    """Inputs and expected results of the core results."""
    core_results.export(settings, settings.home / "core")
    return settings.home / "core"


@pytest.fixture(scope="module", params=core_results.ENGINES)
def outcome(request, folder):
    return request.param, core_results.run(request.param, folder)


def test_bare_sql_makes_the_marts_of_the_build(settings):
    result = bare_sql.measure(settings).result
    assert {"fct_order_line_service", "mart_segment_kpi_monthly"} <= set(result["models"])
    assert result["different_marts"] == []


@pytest.mark.parametrize("name", RESULTS)
def test_library_makes_the_rows_of_the_mart(outcome, name):
    _, result = outcome
    assert result["rows"][name] > 0
    assert result["different_rows"][name] == 0


def test_a_single_changed_value_is_found(outcome, folder):
    engine, _ = outcome
    path = folder / f"customer_month.{engine}.parquet"
    with duckdb.connect() as con:
        con.execute(f"create table found as from '{path}'")
        con.execute(
            "update found set net_amount_group = net_amount_group + 1"
            " where rowid = (select min(rowid) from found)"
        )
        con.execute(f"copy found to '{folder / 'customer_month.changed.parquet'}'")
    assert core_results.different_rows(folder, "customer_month", "changed") == 2
