"""Tiers are charged for the minutes that they took; idle capacity and sites are nobody's."""

from collections.abc import Callable
from decimal import Decimal
from itertools import product

import pytest
from cost_company import CostCompany

from dagster_project.cost.run import DRIVERS
from dagster_project.settings import DBT_DIR

ENTRY = {"order": 2, "manual_order": 3}
"""An order takes two minutes, three more where somebody types it."""


def company(manual: int = 4, practical: int = 1_000, amount: int = 500) -> CostCompany:
    """Two tiers order in January: the first ten orders, some by hand, the second six by EDI."""
    one = CostCompany()
    one.tier("A", "S1")
    one.tier("B", "S2")
    one.work("A", 1, order=10, manual_order=manual)
    one.work("B", 1, order=6, edi_order=6)
    one.pool(1, amount, practical, ENTRY)
    return one


def costs(rows: list[dict]) -> dict[str, Decimal]:
    return {row["segment_key"]: row["cost_group"] for row in rows}


def test_doubling_the_manual_orders_of_a_tier_raises_its_cost_by_rate_times_minutes():
    before, after = (costs(company(manual=n).solved()["cts_segment"]) for n in (4, 8))
    # 500 over 1,000 minutes; four more orders of three more minutes each.
    assert after["service:S1"] - before["service:S1"] == Decimal("0.50") * 4 * 3
    assert after["service:S2"] == before["service:S2"] == Decimal("6.0000")


def test_idle_capacity_added_to_a_pool_changes_no_tiers_cost_and_raises_what_is_unused():
    before, after = company().solved(), company(practical=3_000, amount=1_500).solved()
    assert costs(after["cts_segment"]) == costs(before["cts_segment"])
    [lean], [idle] = before["capacity_usage"], after["capacity_usage"]
    assert idle["unused_minutes"] - lean["unused_minutes"] == 2_000
    assert idle["unused_cost_group"] - lean["unused_cost_group"] == 1_000


def test_orders_of_the_last_period_add_up_to_their_segment():
    one = company()
    one.pool(2, 300, 600, ENTRY)
    one.work("A", 2, order=3, manual_order=1)
    made = one.solved()
    assert {row["fiscal_period_id"] for row in made["cts_assignment"]} == {"2025-02"}
    [order] = made["cts_assignment"]
    assert (order["driver_qty"], order["used_minutes"]) == (3, 3 * 2 + 3)
    [segment] = [row for row in made["cts_segment"] if row["fiscal_period_id"] == "2025-02"]
    assert order["cost_group"] == segment["cost_group"] == Decimal("4.5")
    assert order["segment_key"] == segment["segment_key"] == "service:S1"


def rate_without_times(one: CostCompany) -> None:
    one.pool(1, 700, 900, {"visit": 30}, pool_id="VISITS", activity_id="VISIT")


def taken_back(one: CostCompany) -> None:
    one.pool(1, -333, 7, {"order_line": 1}, pool_id="BACK", activity_id="BACK")


def no_capacity(one: CostCompany) -> None:
    one.pool(1, 120, None, {"order": 5}, pool_id="NEW", activity_id="NEW")


def thirds(one: CostCompany) -> None:
    one.pool(1, 100, 7, {"order": 0.333333}, pool_id="THIRD", activity_id="THIRD")


@pytest.mark.parametrize("also", [rate_without_times, taken_back, no_capacity, thirds])
def test_charged_and_unused_are_the_pool_to_the_last_digit(also: Callable[[CostCompany], None]):
    one = company()
    also(one)
    made = one.solved()
    for pool in made["capacity_usage"]:
        charged = sum(
            row["cost_group"] for row in made["cts_segment"] if row["pool_id"] == pool["pool_id"]
        )
        assert charged == pool["assigned_cost_group"]
        assert charged + pool["unused_cost_group"] == pool["pool_amount_group"]
        assert abs(pool["unused_cost_group"] - pool["unused_by_minutes_group"]) <= Decimal("0.01")


def test_work_that_nobody_did_leaves_the_whole_pool_unused():
    one = company()
    rate_without_times(one)
    pools = {row["pool_id"]: row for row in one.solved()["capacity_usage"]}
    assert pools["VISITS"]["unused_cost_group"] == 700
    assert pools["VISITS"]["assigned_cost_group"] == 0


def test_what_keeps_a_site_going_reaches_no_segment():
    one = company()
    one.pool(1, 900, None, {}, pool_id="SITE", cost_level="FACILITY", activity_id=None)
    made = one.solved()
    [site] = [row for row in made["capacity_usage"] if row["pool_id"] == "SITE"]
    assert (site["sustaining_cost_group"], site["unused_cost_group"]) == (900, 0)
    assert "SITE" not in {row["pool_id"] for row in made["cts_segment"]}
    assert (
        sum(row["activity_cost_group"] for row in made["segment_pnl"]) == 22 * Decimal("0.5") + 11
    )


def test_levels_of_cost_stay_apart():
    one = company()
    one.work("A", 1, shipment=3)
    one.pool(1, 50, 100, {"shipment": 4}, pool_id="DOCK", cost_level="BATCH", activity_id="LOAD")
    levels = {row["activity_id"]: row["cost_level"] for row in one.solved()["cts_segment"]}
    assert levels == {"ENTRY": "ORDER", "LOAD": "BATCH"}


def test_a_change_of_tier_splits_the_cost_at_its_day():
    one = CostCompany()
    one.tier("A", "S1", 1, 2)
    one.tier("A", "S2", 2, 13)
    for month in (1, 2):
        one.work("A", month, order=month)
        one.pool(month, 100, 100, {"order": 2})
    made = one.solved()["cts_segment"]
    assert {(row["fiscal_period_id"], row["segment_key"]): row["cost_group"] for row in made} == {
        ("2025-01", "service:S1"): 2,
        ("2025-02", "service:S2"): 4,
    }


@pytest.mark.parametrize(("practical", "is_unusual"), [(820, False), (800, False), (950, True)])
def test_practical_capacity_beyond_eighty_to_eighty_five_percent_is_pointed_out(
    practical, is_unusual
):
    one = company(practical=practical)
    for row in one.rows["cost_rate"]:
        row["theoretical_minutes"] = 1_000
    [pool] = one.solved()["capacity_usage"]
    assert pool["is_practical_unusual"] is is_unusual


def test_another_design_is_priced_at_todays_rates():
    one = company(manual=4)
    one.add(
        "scenario",
        scenario_id="EDI",
        segment_code="S1",
        driver="MANUAL_ORDER",
        factor="0.5",
        description="half by EDI",
    )
    changes = {row["segment_key"]: row for row in one.solved()["cts_scenario"]}
    assert changes["service:S1"]["activity_cost_change_group"] == -2 * 3 * Decimal("0.5")
    assert changes["service:S1"]["minutes_change"] == -6
    assert changes["service:S2"]["activity_cost_change_group"] == 0


def test_rows_in_another_order_give_the_same_tables():
    one, other = company(), company()
    for rows in other.rows.values():
        rows.reverse()
    assert one.solved() == other.solved()


def test_drivers_are_those_that_the_models_count():
    text = (DBT_DIR / "macros" / "cost.sql").read_text(encoding="utf-8")
    lists = [part.split("]")[0] for part in text.split("return([")[1:]]
    named = [name.strip().strip("'") for part in lists for name in part.split(",")]
    assert tuple(named) == DRIVERS


def quarter_of_loss(one: CostCompany, first: int, loss: bool) -> None:
    for month in range(first, first + 3):
        one.sale("A", month, 10, 100, 50 if not loss else 130, "S1")
        one.sale("B", month, 10, 100, 60, "S2")


@pytest.mark.parametrize(
    ("losses", "verdict"),
    [
        ((False, False), "SUSTAINABLE"),
        ((False, True), "WATCH"),
        ((True, False), "WATCH"),
        ((True, True), "UNSUSTAINABLE"),
    ],
)
def test_a_verdict_needs_two_quarters_in_a_row(losses, verdict):
    one = CostCompany()
    one.tier("A", "S1")
    one.tier("B", "S2")
    for number, loss in enumerate(losses):
        quarter_of_loss(one, 1 + 3 * number, loss)
    rows = {
        (row["segment_key"], row["fiscal_quarter"]): row
        for row in one.solved()["tier_sustainability"]
    }
    assert rows["service:S1", "2025-Q1"]["verdict"] == "NOT_YET"
    assert rows["service:S1", "2025-Q2"]["verdict"] == verdict
    for quarter in product(("service:S1",), ("2025-Q1", "2025-Q2")):
        assert rows[quarter]["next_lower_segment_key"] == "service:S2"


def test_a_quarter_beyond_the_natural_limits_of_the_periods_before_is_pointed_out():
    one = CostCompany()
    one.tier("A", "S1")
    for month in range(1, 10):
        one.sale("A", month, 10, 1_000, 600, "S1")
        one.work("A", month, order=10 + month % 2 + (40 if month == 8 else 0))
        one.pool(month, 100, 100, {"order": 1})
    rows = {row["fiscal_quarter"]: row for row in one.solved()["tier_sustainability"]}
    assert rows["2025-Q2"]["is_cost_to_serve_ratio_unusual"] is None
    third = rows["2025-Q3"]
    assert third["is_cost_to_serve_ratio_unusual"] is True
    # Ten or eleven in a thousand in turn: a mean of 10.5 and moving ranges of one.
    assert third["cost_to_serve_ratio_upper"] == pytest.approx(0.0105 + 2.66 * 0.001, abs=1e-9)
    assert third["cost_to_serve_ratio_lower"] == pytest.approx(0.0105 - 2.66 * 0.001, abs=1e-9)


def test_cost_is_told_per_order_line_and_shipment():
    one = company()
    one.work("A", 1, order_line=20, shipment=5)
    row = {r["segment_key"]: r for r in one.solved()["cts_segment"]}["service:S1"]
    assert (row["orders_count"], row["order_lines_count"], row["shipments_count"]) == (10, 20, 5)
    assert row["cost_per_order_group"] == row["cost_group"] / 10
    assert row["cost_per_order_line_group"] == row["cost_group"] / 20
    assert row["cost_per_shipment_group"] == row["cost_group"] / 5
    assert row["cost_share"] == 1
