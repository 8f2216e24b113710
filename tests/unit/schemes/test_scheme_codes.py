"""Codes of the demand and the network scheme, and the outcomes that they should tell apart."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from dagster_project.demand.classes import Limits
from dagster_project.schemes.demand_codes import (
    demand_codes,
    demand_rows,
    forecast_error,
    volume_class,
)
from dagster_project.schemes.network_codes import (
    DropLimits,
    demand_orders,
    freight_per_order,
    network_codes,
    requested_wait,
)
from dagster_project.schemes.order_attributes import judge_order_attribute, order_attributes

MONTHS = [dt.date(2024 + k // 12, k % 12 + 1, 1) for k in range(24)]
DECEMBER_2025 = 2025 * 12 + 11
KNOWN_AT = dt.datetime(2026, 1, 6)


def series(**quantities):
    """Rows of ``int_demand__series``: one family per entity, 24 months, ten euros a piece."""
    rows = [
        {
            "entity_id": entity,
            "product_family": "F",
            "demand_month": month,
            "demand_base_qty": float(quantity),
            "demand_amount_group": 10.0 * quantity,
            "is_current_spell": True,
        }
        for entity, values in quantities.items()
        for month, quantity in zip(MONTHS, values, strict=True)
    ]
    return pa.Table.from_pylist(rows)


STEADY, RARE = [100] * 24, [0, 0, 1] * 8


def test_code_says_the_class_of_demand_and_of_volume():
    codes = demand_codes(demand_rows(series(BIG=STEADY, SMALL=RARE)), Limits(), 12, 0.8, 0.95)
    assert codes == {"BIG": "SMOOTH_A", "SMALL": "INTERMITTENT_C"}


def test_order_of_rows_changes_no_code():
    table = series(BIG=STEADY, SMALL=RARE)
    shuffled = table.take(np.random.default_rng(1).permutation(table.num_rows))
    expected = demand_codes(demand_rows(table), Limits(), 12, 0.8, 0.95)
    assert demand_codes(demand_rows(shuffled), Limits(), 12, 0.8, 0.95) == expected


def test_an_earlier_history_of_a_customer_who_came_back_makes_no_code():
    table = series(BACK=STEADY)
    away = table.set_column(5, "is_current_spell", pa.array([False] * 24))
    assert demand_codes(demand_rows(away), Limits(), 12, 0.8, 0.95) == {}


def test_equal_amounts_share_a_volume_class_and_nothing_ordered_is_c():
    assert volume_class(np.array([50.0, 50.0, 0.0]), 0.8, 0.95) == ["A", "A", "C"]
    assert volume_class(np.array([80.0, 16.0, 4.0]), 0.8, 0.95) == ["A", "B", "C"]
    assert volume_class(np.zeros(2), 0.8, 0.95) == ["C", "C"]


def test_constant_demand_is_forecast_without_error_and_a_jump_is_not():
    jump = [100] * 18 + [200] * 6
    found = forecast_error(demand_rows(series(FLAT=STEADY, JUMP=jump)), DECEMBER_2025, 6)
    assert found["FLAT"] == 0.0
    # Means of the twelve months before: 100, 1300/12, … 1700/12 against 200.
    means = [(1200 + 100 * k) / 12 for k in range(6)]
    assert found["JUMP"] == pytest.approx(sum(200 - m for m in means) / 1200)


def order(order_id, entity="E1", site="ST1", **values):
    day = values.pop("day", dt.datetime(2025, 6, 2, 8))
    return {
        "order_id": order_id,
        "entity_id": entity,
        "ship_to_site_id": site,
        "order_type": "STANDARD",
        "ordered_date": day.date(),
        "ordered_at": day,
        "requested_at": day + dt.timedelta(days=3),
        "reject_reason": None,
        "known_at": day,
    } | values


ORDER_SCHEMA = pa.schema(
    [
        ("order_id", pa.string()),
        ("entity_id", pa.string()),
        ("ship_to_site_id", pa.string()),
        ("order_type", pa.string()),
        ("ordered_date", pa.date32()),
        ("ordered_at", pa.timestamp("us")),
        ("requested_at", pa.timestamp("us")),
        ("reject_reason", pa.string()),
        ("known_at", pa.timestamp("us")),
    ]
)


def orders(*rows):
    table = pa.Table.from_pylist(list(rows), ORDER_SCHEMA)
    return demand_orders(table, dt.date(2025, 1, 1), dt.date(2025, 12, 31), KNOWN_AT)


def test_only_accepted_demand_of_the_window_that_was_known_counts():
    found = orders(
        order("A"),
        order("SAMPLE", order_type="SAMPLE"),
        order("REJECTED", reject_reason="unknown_site"),
        order("LATE", known_at=dt.datetime(2026, 1, 7)),
        order("OLD", day=dt.datetime(2024, 12, 31)),
    )
    assert found["order_id"].to_pylist() == ["A"]


def test_network_code_is_the_country_with_most_orders_and_the_drops_per_place():
    sites = pa.table({"site_id": ["ST1", "ST2"], "country": ["DE", "FR"]})
    rows = [order(f"A{k}") for k in range(12)] + [order("B", site="ST2")]
    rows += [order("C", entity="E2", site="ST2"), order("D", entity="E3", site="nowhere")]
    codes = network_codes(orders(*rows), sites, 12, DropLimits(0.5, 4))
    assert codes == {"E1": "DE_REGULAR", "E2": "FR_RARE"}


def test_wait_is_the_mean_of_days_from_order_to_the_day_asked_for():
    five = dt.datetime(2025, 6, 7, 8)
    found = requested_wait(
        orders(order("A"), order("B", requested_at=five), order("C", requested_at=None))
    )
    assert found == {"E1": 4.0}


def test_freight_per_order_leaves_out_what_was_billed_later_and_orders_without_a_bill():
    charges = pa.table(
        {
            "order_id": ["A", "A", "A"],
            "amount_group": [10.0, 5.5, 99.0],
            "known_at": [dt.datetime(2025, 7, 1)] * 2 + [dt.datetime(2026, 2, 1)],
        }
    )
    assert freight_per_order(orders(order("A"), order("B")), charges, KNOWN_AT) == {"E1": 15.5}


def test_place_lead_time_and_drop_density_are_judged_by_coverage_and_by_what_they_tell():
    sites = pa.table({"site_id": ["ST1", "ST2"], "country": ["DE", "FR"]})
    rows = [order(f"A{k}", entity=f"G{k}") for k in range(4)]
    rows += [order(f"B{k}", entity=f"F{k}", site="ST2") for k in range(4)]
    found = {one.attribute_id: one for one in order_attributes(orders(*rows), sites)}
    assert found["delivery_zone"].values["F0"] == "FR"
    assert found["drop_density"].values["G0"] == 1.0
    entities = [f"G{k}" for k in range(4)] + [f"F{k}" for k in range(4)]
    target = ["high"] * 4 + ["low"] * 4
    zone = judge_order_attribute(found["delivery_zone"], entities, target)
    assert zone.information_gain == pytest.approx(1.0), "the country tells one bit"
    assert zone.is_chosen
    wait = judge_order_attribute(found["lead_time_need"], entities, target)
    assert wait.information_gain == pytest.approx(0.0), "everybody waits three days"
    few = judge_order_attribute(found["delivery_zone"], [*entities, "X", "Y", "Z"], None)
    assert not few.is_chosen
    assert few.reason.startswith("coverage 73% is below 80%")
