"""Great Expectations runs pushed down on DuckDB, answers each expectation, frees the file."""

import subprocess
import sys

import duckdb
import pytest

from dagster_project.release.gx_duckdb import DuckDbSession, great_expectations


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("gx") / "t.duckdb"
    con = duckdb.connect(str(path))
    con.execute(
        "create schema marts; create table marts.t as select i as id, 'K' || i % 3 as kind,"
        " case when i = 5 then null else i * 1.5 end as amount from range(100) as r(i)"
    )
    con.close()
    return path


@pytest.fixture(scope="module")
def gxe():
    great_expectations()
    from great_expectations import expectations

    return expectations


def _validate(path, *expectations):
    with DuckDbSession(path) as session:
        return {v["name"]: v for v in session.validate("marts.t", expectations)}


def test_fetching_expectations_answer_on_duckdb(path, gxe):
    # Without the cure each of these fails with IndexError inside GX.
    found = _validate(
        path,
        gxe.ExpectTableRowCountToBeBetween(min_value=100, max_value=100, meta={"name": "rows"}),
        gxe.ExpectColumnValuesToNotBeNull(column="amount", meta={"name": "nulls"}),
        gxe.ExpectColumnProportionOfUniqueValuesToBeBetween(
            column="id", min_value=1.0, meta={"name": "unique"}
        ),
        gxe.ExpectColumnDistinctValuesToBeInSet(
            column="kind", value_set=["K0", "K1", "K2"], meta={"name": "set"}
        ),
        gxe.ExpectColumnMeanToBeBetween(column="amount", min_value=1, meta={"name": "mean"}),
        gxe.ExpectColumnValuesToBeBetween(
            column="amount", min_value=0, max_value=200, meta={"name": "between"}
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="select * from {batch} where regexp_matches(kind, '[^K0-2]')",
            meta={"name": "query"},
        ),
    )
    assert {name: v["success"] for name, v in found.items()} == {
        "rows": True,
        "nulls": False,
        "unique": True,
        "set": True,
        "mean": True,
        "between": True,
        "query": True,
    }
    assert all(v["error"] is None for v in found.values())


def test_error_of_one_expectation_is_its_own_and_says_why(path, gxe):
    found = _validate(
        path,
        gxe.ExpectColumnMeanToBeBetween(column="nope", min_value=1, meta={"name": "bad"}),
        gxe.ExpectColumnMeanToBeBetween(column="amount", min_value=1, meta={"name": "good"}),
    )
    assert found["good"]["success"]
    assert not found["bad"]["success"]
    assert "nope" in found["bad"]["error"]


def test_failing_rows_can_be_fetched(path, gxe):
    with DuckDbSession(path) as session:
        rows = session.rows("select id, kind from {batch} where id < 50", "marts.t", 3)
    assert len(rows) == 3
    assert set(rows[0]) == {"id", "kind"}


def test_session_cannot_write_and_releases_the_file(path, gxe):
    with DuckDbSession(path) as session:
        session.rows("select 1 as one from {batch}", "marts.t", 1)
        with pytest.raises(Exception, match="read-only"):
            session._source.get_execution_engine().execute_query(
                __import__("sqlalchemy").text("create table marts.u as select 1 as one")
            )
    con = duckdb.connect(str(path))
    con.execute("create or replace table marts.free as select 1 as one")
    con.close()


EXTRAS = """
import sys
from dagster_project.release.gx_import import great_expectations
great_expectations()
loaded = [n for n in ("altair", "scipy.stats", "pyspark") if n in sys.modules]
from great_expectations.expectations.core import (
    expect_column_kl_divergence_to_be_less_than as user,
)
from scipy import stats
assert user.stats.entropy is stats.entropy and user.alt.Chart
print(loaded)
"""


def test_gx_comes_without_charts_statistics_and_spark_until_they_are_used():
    done = subprocess.run(
        [sys.executable, "-c", EXTRAS], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_suites_about_one_table_share_its_batch(path, gxe):
    rows = gxe.ExpectTableRowCountToBeBetween(min_value=1, meta={"name": "rows"})
    too_many = gxe.ExpectTableRowCountToBeBetween(min_value=101, meta={"name": "rows"})
    with DuckDbSession(path) as session:
        first = session.validate("marts.t", [rows])
        second = session.validate("marts.t", [too_many])
    assert [v["success"] for v in first + second] == [True, False]
