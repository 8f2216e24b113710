"""Priors of new customers come from customers of their kind, as they were when the month closed."""

import datetime as dt

import numpy as np
import pyarrow as pa

from dagster_project.analytics.tables import MemoryTables
from dagster_project.demand import run_priors
from dagster_project.demand.new_customer import fit_gamma

MONTHS = [dt.date(2025, month, 1) for month in range(1, 13)]


def warehouse(customers: int = 60, size_of_small_group: int = 5) -> MemoryTables:
    chance = np.random.default_rng(11)
    analogues, activity, headers = [], [], []
    for number in range(customers):
        kind = "I2" if number < size_of_small_group else "I1"
        name = f"C{number:03d}"
        analogues.append(
            {
                "entity_id": name,
                "is_excluded": number == customers - 1,
                "start_date": dt.date(2020, 1, 1),
                "group_fine": f"{kind} / S / R",
                "group_middle": f"{kind} / S",
                "group_coarse": kind,
                "group_all": "all customers",
            }
        )
        rate, size = chance.gamma(2, 0.5), np.exp(chance.normal(5, 1))
        for month in MONTHS:
            orders = int(chance.poisson(rate))
            activity.append(
                {
                    "entity_id": name,
                    "activity_month": month,
                    "known_month": month,
                    "orders_count": orders,
                }
            )
            headers += [
                {
                    "entity_id": name,
                    "ordered_date": month,
                    "order_type": "STANDARD",
                    "total_net": round(float(size * np.exp(chance.normal(0, 0.3))), 4),
                    "fx_rate_to_group": 1.0,
                }
                for _ in range(orders)
            ]
    return MemoryTables(
        {
            "policy.segment_scheme": pa.Table.from_pylist(
                [{"status": "ACTIVE", "record_lag_days": 5}]
            ),
            "intermediate.int_demand__analogue": pa.Table.from_pylist(analogues),
            "intermediate.int_customer__month": pa.Table.from_pylist(activity),
            "intermediate.int_order__header": pa.Table.from_pylist(headers),
        }
    )


def priors(tables: MemoryTables, as_of: str = "2026-01-05") -> dict[str, dict]:
    run_priors.run_priors(tables, as_of)
    rows = tables.tables["analytics.demand_prior"].to_pylist()
    return {row["group_name"]: row for row in rows}


def test_group_of_too_few_customers_is_left_to_its_parents():
    found = priors(warehouse())
    assert set(found) == {"I1 / S / R", "I1 / S", "I1", "all customers"}
    assert found["I1"]["analogues_count"] == 54
    assert found["all customers"]["analogues_count"] == 59


def test_prior_is_the_maximum_likelihood_of_the_groups_own_counts():
    tables = warehouse()
    found = priors(tables)["all customers"]
    _, _, orders, watched = run_priors.read_analogues(tables, 2025 * 12 + 11)
    prior = fit_gamma(orders, watched)
    assert (found["alpha"], found["beta_months"]) == (round(prior.alpha, 8), round(prior.beta, 8))
    assert np.allclose(watched, 365 / 30.4375)


def test_size_is_the_mean_of_logarithms_over_customers():
    found = priors(warehouse())["all customers"]
    assert 4.3 < found["size_log_mean"] < 5.7
    assert 0.05 < found["size_within_variance"] < 0.15
    assert found["size_between_variance"] > 0.4


def test_days_of_a_month_keep_the_fit_and_give_the_same_rows():
    tables = warehouse()
    first = priors(tables)
    assert run_priors.run_priors(tables, "2026-01-20")["is_prior_fit_new"] is False
    assert priors(tables, "2026-01-20") == first


def test_young_and_excluded_customers_are_no_analogues_and_nobody_at_all_gives_no_prior():
    tables = warehouse(30)
    rows = tables.tables["intermediate.int_demand__analogue"].to_pylist()
    young = [row | {"start_date": dt.date(2025, 12, 1)} for row in rows]
    tables.tables["intermediate.int_demand__analogue"] = pa.Table.from_pylist(young)
    assert priors(tables) == {}
