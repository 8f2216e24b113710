"""On a simulated company the profit and loss of all segments is its ledger, to the cent."""

import json
from collections.abc import Iterator
from decimal import Decimal

import duckdb
import pytest
from pipeline_company import Company, company

CENT = Decimal("0.01")
LINES = {
    "REVENUE": "net_amount_local",
    "DISCOUNT": "discount_amount_local",
    "REBATE": "rebate_amount_local",
    "FREIGHT_RECOVERED": "freight_recovered_amount_local + head_freight_amount_local",
    "COGS": "cogs_amount_local",
    "FREIGHT": "freight_amount_local",
}
"""Statement lines and what the segments have of them."""


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Company:
    made = company(tmp_path_factory.mktemp("ledger"))
    made.land()
    made.build()
    return made


@pytest.fixture(scope="module")
def con(one: Company) -> Iterator[duckdb.DuckDBPyConnection]:
    opened = duckdb.connect(str(one.settings.warehouse_path), read_only=True)
    yield opened
    opened.close()


@pytest.mark.parametrize("line", LINES)
def test_segments_excluded_and_unassigned_are_the_ledger_in_every_period(con, line):
    rows = con.execute(
        f"""
        with ours as (
            select company_code, fiscal_period_id, sum({LINES[line]}) as amount
            from marts.mart_segment_pnl
            where company_code <> '*'
            group by all
        ),
        books as (
            select company_code, fiscal_period_id, sum(amount_local) as amount
            from staging.stg_finance__gl_balance
            inner join staging.stg_finance__gl_account_map using (account)
            where statement_line = '{line}'
                or ('{line}' = 'REVENUE' and statement_line = 'REVENUE_INTERCOMPANY')
            group by all
        )
        select coalesce(ours.amount, 0), coalesce(books.amount, 0)
        from ours
        full join books using (company_code, fiscal_period_id)
        """
    ).fetchall()
    assert len(rows) == 24, "twelve periods of two companies"
    assert any(booked for _, booked in rows)
    assert [row for row in rows if abs(row[0] - row[1]) >= CENT / 2] == []


def test_activities_of_all_segments_with_idle_and_sustaining_cost_are_the_pools_of_the_ledger(con):
    rows = con.execute(
        """
        with ours as (
            select fiscal_period_id, sum(activity_cost_group) as amount
            from marts.mart_segment_pnl group by all
        ),
        others as (
            select fiscal_period_id, sum(unused_cost_group + sustaining_cost_group) as amount
            from marts.mart_capacity_usage group by all
        ),
        books as (
            select fiscal_period_id, sum(amount_local) as amount
            from staging.stg_finance__gl_balance
            inner join staging.stg_finance__gl_account_map using (account)
            where statement_line = 'CTS_POOL' group by all
        )
        select ours.amount + others.amount, books.amount
        from ours join others using (fiscal_period_id) join books using (fiscal_period_id)
        """
    ).fetchall()
    assert len(rows) == 12
    assert [row for row in rows if row[0] != row[1]] == []


def test_work_is_what_the_simulator_counted_as_it_made_it(one, con):
    truth = json.loads((one.extracts / "truth.json").read_text(encoding="utf-8"))
    for period in {row["period"] for row in truth["totals"]["work"]}:
        done = {
            row["driver"]: row["qty"] for row in truth["totals"]["work"] if row["period"] == period
        }
        found = con.execute(
            "select " + ", ".join(f"sum({name}_qty)" for name in done) + " from"
            " intermediate.int_cost__volume where strftime(cost_date, '%Y-%m') = ?",
            [period],
        ).fetchone()
        assert dict(zip(done, found, strict=True)) == done


def test_every_control_of_costs_and_bridges_is_green(con):
    rows = con.execute(
        "select control_id, status, count(*) from marts.fct_control_result"
        " where control_id in ('R-05', 'R-07', 'R-20') group by all order by all"
    ).fetchall()
    assert [(control, status) for control, status, _ in rows] == [
        ("R-05", "PASS"),
        ("R-07", "PASS"),
        ("R-20", "PASS"),
    ]
    assert min(count for _, _, count in rows) >= 9
