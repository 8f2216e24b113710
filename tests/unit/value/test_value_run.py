"""Every customer gets a value or a reason, whatever the company looks like."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from dagster_project.analytics.tables import MemoryTables
from dagster_project.errors import UsageError
from dagster_project.value import run
from dagster_project.value.policy import parse_rules

RULES = {
    "horizon_months": 12,
    "monthly_discount": 0.01,
    "renewal_probability_auto": 0.9,
    "renewal_probability_open": 0.7,
    "renewal_probability_fixed": 0.5,
    "min_customers": 30,
    "max_correlation": 0.3,
}
AS_OF = "2025-12-31"
MONTHS = [dt.date(year, month, 1) for year in (2024, 2025) for month in range(1, 13)]
CONTRACT = {
    "entity_id": "C000",
    "contract_id": "K1",
    "start_date": dt.date(2024, 1, 1),
    "end_date": None,
    "is_auto_renew": True,
    "rate_month": None,
    "annual_value_group": 1200.0,
}
CONTRACTS = pa.schema(
    [
        ("entity_id", pa.string()),
        ("contract_id", pa.string()),
        ("start_date", pa.date32()),
        ("end_date", pa.date32()),
        ("is_auto_renew", pa.bool_()),
        ("rate_month", pa.date32()),
        ("annual_value_group", pa.float64()),
    ]
)


def activity(customers: int = 120, costed: int = 1, linked: bool = False) -> list[dict]:
    """Monthly rows of customers who buy at their own rate, leave, and have their own margin."""
    chance = np.random.default_rng(3)
    rows = []
    for number in range(customers):
        rate, margin = chance.gamma(2.0, 0.5), 100 * np.exp(chance.normal(0, 0.5))
        margin = 300 * rate if linked else margin
        gone = chance.geometric(0.05)
        for at, month in enumerate(MONTHS):
            orders = int(chance.poisson(rate)) if 0 < at < gone else int(at == 0)
            if orders:
                rows.append(
                    {
                        "entity_id": f"C{number:03d}",
                        "activity_month": month,
                        "known_month": month,
                        "first_order_date": month + dt.timedelta(int(chance.integers(0, 9))),
                        "last_order_date": month + dt.timedelta(int(chance.integers(9, 28))),
                        "orders_count": orders,
                        "net_amount_group": round(4 * orders * margin, 4),
                        "margin_group": round(orders * margin, 4),
                        "costed_lines_count": costed,
                    }
                )
    return rows


def warehouse(rows: list[dict], contracts: tuple = (), customers: int = 121) -> MemoryTables:
    rules = [{"rule_name": name, "rule_value": value} for name, value in RULES.items()]
    entities = [{"entity_id": f"C{n:03d}", "is_excluded": False} for n in range(customers)]
    entities.append({"entity_id": "X", "is_excluded": True})
    return MemoryTables(
        {
            "policy.customer_value_rule": pa.Table.from_pylist(rules),
            "policy.segment_scheme": pa.Table.from_pylist(
                [{"status": "ACTIVE", "record_lag_days": 0}]
            ),
            "intermediate.int_segment__entity": pa.Table.from_pylist(entities),
            "intermediate.int_customer__month": pa.Table.from_pylist(rows or activity(1)).slice(
                0, len(rows)
            ),
            "intermediate.int_value__contract": pa.Table.from_pylist(
                list(contracts), schema=CONTRACTS
            ),
        }
    )


def valued(tables: MemoryTables, as_of: str = AS_OF) -> dict[str, dict]:
    run.run_value(tables, as_of)
    rows = tables.tables["analytics.customer_value"].to_pylist()
    assert all((row["clv_group"] is None) == (row["null_reason"] is not None) for row in rows)
    return {row["entity_id"]: row for row in rows}


def test_customers_without_a_contract_are_valued_by_purchases():
    found = valued(warehouse(activity()))
    assert len(found) == 121
    assert found["C120"]["null_reason"] == "no order yet"
    has = [row for row in found.values() if row["clv_group"] is not None]
    assert len(has) >= 118
    assert all(0 <= row["p_alive"] <= 1 and row["expected_orders"] >= 0 for row in has)
    assert abs(has[0]["frequency_margin_correlation"]) < 0.3
    assert {row["method"] for row in has} == {"BG_NBD_GAMMA_GAMMA"}


def test_who_bought_lately_is_alive_rather_than_who_stopped():
    found = valued(warehouse(activity()))
    frequent = [r for r in found.values() if (r["orders_count"] or 0) > 5]
    lately = [r["p_alive"] for r in frequent if r["age_months"] - r["recency_months"] < 1.5]
    stopped = [r["p_alive"] for r in frequent if r["age_months"] - r["recency_months"] > 8]
    assert min(lately) > max(stopped)


def test_frequency_that_goes_with_margin_leaves_no_value_and_says_the_correlation():
    found = valued(warehouse(activity(linked=True)))
    row = found["C000"]
    assert row["frequency_margin_correlation"] > 0.3
    assert "go together" in row["null_reason"]
    assert row["p_alive"] is not None


def test_contract_is_worth_its_remaining_margin_times_renewal():
    tables = warehouse(activity(), (CONTRACT,))
    row = valued(tables)["C000"]
    factors = sum(1.01**-month for month in range(1, 13))
    assert row["method"] == "CONTRACT"
    assert row["clv_group"] == pytest.approx(1200 / 12 * 0.25 * 0.9 * factors, abs=1e-3)


@pytest.mark.parametrize(
    ("change", "method", "reason"),
    [
        pytest.param({"annual_value_group": None}, "CONTRACT", "contract value", id="no value"),
        pytest.param({"end_date": dt.date(2026, 1, 15)}, "BG_NBD_GAMMA_GAMMA", None, id="ends now"),
        pytest.param({"start_date": dt.date(2026, 2, 1)}, "BG_NBD_GAMMA_GAMMA", None, id="later"),
    ],
)
def test_contract_that_says_nothing_is_told_from_one_that_is_not_in_force(change, method, reason):
    row = valued(warehouse(activity(), (CONTRACT | change,)))["C000"]
    assert row["method"] == method
    assert (reason or "") in (row["null_reason"] or "")


@pytest.mark.parametrize(
    ("tables", "reason"),
    [
        pytest.param(warehouse([], customers=3), "no order yet", id="nobody ordered"),
        pytest.param(warehouse(activity(20), customers=20), "fewer than 30 customers", id="few"),
        pytest.param(warehouse(activity(costed=0)), "no cost of goods is known", id="no cost"),
        pytest.param(
            warehouse([row for row in activity() if row["activity_month"] == MONTHS[0]]),
            "order frequency cannot be fitted",
            id="nobody came back",
        ),
    ],
)
def test_company_that_cannot_be_fitted_gets_a_reason_and_no_crash(tables, reason):
    row = valued(tables)["C000"]
    assert row["clv_group"] is None
    assert reason in row["null_reason"]


def test_no_customer_at_all_gives_an_empty_table():
    assert valued(warehouse([], customers=0)) == {}


def test_days_of_a_month_keep_the_values_and_what_is_known_later_does_not_change_them():
    rows = activity()
    tables = warehouse(rows)
    valued(tables)
    first = tables.tables["analytics.customer_value"]
    late = dict(rows[0], known_month=dt.date(2026, 1, 1), orders_count=50)
    tables.tables["intermediate.int_customer__month"] = pa.Table.from_pylist([*rows, late])
    assert run.run_value(tables, "2026-01-20")["is_value_fit_new"] is False
    assert tables.tables["analytics.customer_value"] is first
    assert run.run_value(tables, "2026-01-31")["is_value_fit_new"] is True


def test_order_of_the_rows_does_not_matter():
    rows = activity()
    assert valued(warehouse(rows)) == valued(warehouse(rows[::-1]))


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        pytest.param([], "expected a row", id="missing"),
        pytest.param([("monthly_discount", "much")], "expected a number", id="no number"),
        pytest.param([("renewal_probability_auto", 1.2)], "from 0 to 1", id="above one"),
        pytest.param([("horizon_months", 1.5)], "whole number", id="part of a month"),
        pytest.param([("horizon", 1)], "is no rule", id="unknown"),
    ],
)
def test_unusable_value_policy_names_file_row_and_column(rows, why):
    with pytest.raises(UsageError) as error:
        parse_rules([{"rule_name": name, "rule_value": value} for name, value in rows])
    text = str(error.value) + str(error.value.__dict__)
    assert why in text
    assert "customer_value_rule.csv" in text
