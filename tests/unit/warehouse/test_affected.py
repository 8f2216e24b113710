"""What runs on one more day: what reads a changed source or the date, and never a view's text."""

import pytest

from dagster_project.analytics.solvers import SOLVERS
from dagster_project.settings import get_settings
from dagster_project.warehouse import dbt
from dagster_project.warehouse.manifest import load_manifest


@pytest.fixture(scope="module")
def affected():
    manifest = load_manifest(get_settings())

    def names(*sources: str, is_new_day: bool = False) -> set[str]:
        found = dbt.affected(manifest, {f"source.tierline.{s}" for s in sources}, is_new_day)
        return {manifest.nodes[key].name for key in found}

    return names


def test_nothing_changed_and_nothing_runs(affected):
    assert affected() == set()


def test_a_changed_feed_runs_what_reads_it_through_views_too(affected):
    names = affected("erp.invoice_line")
    assert {"stg_erp__invoice_line", "int_invoice__line_checked", "fct_invoice_line"} <= names
    assert "fct_control_result" in names  # reads it through views
    assert not {"int_invoice__line", "stg_wms__shipment", "dim_carrier"} & names


def test_a_new_day_runs_what_names_the_date(affected):
    names = affected(is_new_day=True)
    assert {"int_control__freshness", "fct_control_result", "dim_fiscal_period"} <= names
    assert not {"stg_erp__invoice_line", "int_control__quarantine"} & names


def test_a_column_that_is_called_like_the_date_does_not_name_it(affected):
    assert "mart_scheme_crosswalk" not in affected(is_new_day=True)


def test_what_reads_only_tables_that_a_solver_left_alone_does_not_run():
    manifest = load_manifest(get_settings())
    feed = {"source.tierline.erp.sales_order"}
    [schemes] = [solver for solver in SOLVERS if solver.name == "schemes"]
    tables = {dbt.table_of(name) for name in schemes.outputs}

    def names(standing: set[str]) -> set[str]:
        found = dbt.affected(manifest, feed, True, SOLVERS, standing)
        return {manifest.nodes[key].name for key in found if key in manifest.nodes}

    assert "mart_scheme_crosswalk" in names(set())
    assert "mart_scheme_crosswalk" not in names(tables)
    # What it reads besides still counts.
    assert {"fct_order_line", "mart_segment_ownership"} <= names(tables)
    assert names(tables) < names(set())
