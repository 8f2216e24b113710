"""Partitions get names that files can have, and every row belongs to exactly one."""

import duckdb
import pytest

from dagster_project.release.partitions import in_months, month_name, month_of

PERIODS = ["2025-03", "2025/P3", "it's", "none", None]


@pytest.mark.parametrize("period", PERIODS)
def test_a_fiscal_period_of_any_id_is_a_partition(period):
    with duckdb.connect() as con:
        con.execute("create table pnl (fiscal_period_id varchar)")
        con.executemany("insert into pnl values (?)", [[one] for one in PERIODS])
        named = {
            month_name(row[0])
            for row in con.execute(f"select {month_of('fiscal_period_id')} from pnl").fetchall()
        }
        assert len(named) == len(PERIODS)
        assert not [name for name in named if "/" in name]
        found = con.execute(
            f"select * from pnl where {in_months('fiscal_period_id', [month_name(period)])}"
        ).fetchall()
    assert found == [(period,)]
