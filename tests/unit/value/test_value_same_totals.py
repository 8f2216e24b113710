"""The generic dbt test `same_totals` finds the cell in which two models differ."""

import duckdb
import jinja2
import pytest

from dagster_project.settings import DBT_DIR


def differences(change: str = "select 1", by: str | None = "period") -> list[tuple[str, float]]:
    """What the test returns for two tables that agree, after one change."""
    con = duckdb.connect()
    con.execute(
        "create table pnl as select * from"
        " (values ('P1', 60.0001), ('P1', 40), ('P2', -5), ('P3', 0)) as v(period, net);"
        "create table lines as select * from (values ('P1', 100.0001), ('P2', -5), ('P2', null))"
        " as v(period, amount)"
    )
    con.execute(change)
    text = (DBT_DIR / "tests" / "generic" / "same_totals.sql").read_text(encoding="utf-8")
    text = text.replace("{% test same", "{% macro same").replace("{% endtest", "{% endmacro")
    module = jinja2.Environment().from_string(text).make_module({"none": None})
    query = module.same_totals("pnl", "net", "lines", "amount", by)
    return [(cell, float(amount)) for cell, amount in con.execute(query).fetchall()]


@pytest.mark.parametrize("by", ["period", None])
def test_equal_totals_give_no_difference(by):
    assert differences(by=by) == []


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        pytest.param("update pnl set net = 39.9999 where net = 40", ("P1", -0.0001), id="decimal"),
        pytest.param("delete from lines where period = 'P2'", ("P2", -5.0), id="only in the model"),
        pytest.param("insert into lines values ('P9', 7)", ("P9", -7.0), id="only in the other"),
    ],
)
def test_difference_is_found_where_it_is(change, difference):
    assert differences(change) == [difference]


def test_amount_that_moved_between_periods_is_found_by_period_only():
    moved = "update pnl set period = 'P2' where net = 40"
    assert sorted(differences(moved)) == [("P1", -40.0), ("P2", 40.0)]
    assert differences(moved, by=None) == []
