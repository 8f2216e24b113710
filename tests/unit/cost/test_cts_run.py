"""A day that closes no period leaves the costs of segments alone; a late document does not."""

from datetime import date

import pytest
from cost_company import CostCompany

from dagster_project.analytics.tables import MemoryTables
from dagster_project.cost.run import OUTPUTS, READS_OF, last_period_end, run_cost


def warehouse(one: CostCompany) -> MemoryTables:
    return MemoryTables({READS_OF[name][0]: one.table(name) for name in READS_OF})


@pytest.fixture
def one() -> CostCompany:
    made = CostCompany()
    made.tier("A", "S1")
    for month in range(1, 7):
        made.sale("A", month, 10, 1_000, 600, "S1")
        made.work("A", month, order=10)
        made.pool(month, 100, 100, {"order": 1})
    return made


def again(tables: MemoryTables, one: CostCompany, as_of: str) -> dict:
    tables.tables.update(warehouse(one).tables)
    return run_cost(tables, as_of)


def test_a_day_of_the_running_period_changes_nothing(one):
    tables = warehouse(one)
    first = run_cost(tables, "2025-07-01")
    assert first["through"] == "2025-07-01"
    before = {name: tables.read(f"analytics.{name}") for name in OUTPUTS}
    one.sale("A", 7, 10, 1_000, 600, "S1")
    one.work("A", 7, order=3)
    assert again(tables, one, "2025-07-15")["kept"]
    assert {name: tables.read(f"analytics.{name}") for name in OUTPUTS} == before


def test_a_document_of_a_period_that_is_over_is_counted(one):
    tables = warehouse(one)
    run_cost(tables, "2025-07-01")
    one.sale("A", 6, 1, 77, 60, "S1")
    assert "kept" not in again(tables, one, "2025-07-02")
    rows = tables.read("analytics.segment_pnl").to_pylist()
    [june] = [
        row
        for row in rows
        if row["fiscal_period_id"] == "2025-06" and row["company_code"] == "1000"
    ]
    assert june["net_revenue_group"] == 1_077


def test_the_last_day_of_a_period_ends_it(one):
    tables = warehouse(one)
    assert last_period_end(tables, "2025-06-29") == date(2025, 6, 1)
    assert last_period_end(tables, "2025-06-30") == date(2025, 7, 1)
    assert last_period_end(tables, "2024-12-01") == date.min


def test_before_the_first_period_is_over_there_is_nothing(one):
    one.rows["cost_rate"] = []
    made = run_cost(warehouse(one), "2025-01-15")
    assert {made[name] for name in OUTPUTS[:-1]} == {0}
