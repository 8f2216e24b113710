"""What the macros of statistics say is what scipy says."""

import duckdb
import jinja2
import pytest
from scipy.stats import chi2

from dagster_project.settings import DBT_DIR


def quantile(degrees: int) -> float | None:
    text = (DBT_DIR / "macros" / "statistics.sql").read_text(encoding="utf-8")
    sql = jinja2.Environment().from_string(text).module.chi_square_95("degrees")
    return duckdb.sql(f"select {sql} from (select {degrees} as degrees)").fetchall()[0][0]


@pytest.mark.parametrize("degrees", range(1, 12))
def test_quantile_of_chi_squared_is_the_published_one(degrees):
    assert quantile(degrees) == pytest.approx(chi2.ppf(0.95, degrees), abs=0.0005)


@pytest.mark.parametrize("degrees", [12, 20, 40])
def test_beyond_the_table_it_is_close(degrees):
    assert quantile(degrees) == pytest.approx(chi2.ppf(0.95, degrees), abs=0.02)


def test_without_degrees_of_freedom_there_is_none():
    assert quantile(0) is None
