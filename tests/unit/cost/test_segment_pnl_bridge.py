"""The bridge says why the profit of a segment moved, closes, and makes none by moving customers.

Amounts are in euro; the quarter before is January to March 2025, the quarter April to June.
"""

import random
from datetime import date
from decimal import Decimal

import pytest
from cost_company import CostCompany, steps

CENT = Decimal("0.01")
QUARTER = "2025-Q2"


def bridge_of(one: CostCompany) -> list[dict]:
    return one.solved(date(2025, 7, 1))["segment_pnl_bridge"]


def gaps(rows: list[dict]) -> dict[str, Decimal]:
    """What the steps of each segment miss of its profit."""
    found: dict[str, Decimal] = {}
    for row in rows:
        sign = 1 if row["step_code"] == "CURRENT" else -1
        key = row["segment_key"] + row["fiscal_quarter"]
        found[key] = found.get(key, Decimal(0)) + sign * row["amount_group"]
    return found


def quarters(one: CostCompany) -> None:
    """Something in every month, so that both quarters are whole."""
    for month in range(1, 7):
        one.sale("REST", month, 1, 1, 1, "D0", product_id="REST")


def test_moving_a_bad_customer_down_is_migration_and_no_improvement():
    one = CostCompany()
    quarters(one)
    for month, segment in ((1, "S1"), (4, "S2")):
        one.sale("GOOD", month, 10, 1_000, 600, "S1")
        one.sale("BAD", month, 10, 500, 600, segment)
    rows = bridge_of(one)
    upper, lower = steps(rows, "S1", QUARTER), steps(rows, "S2", QUARTER)
    # The upper segment earns 100 more than before, all of it the loss that went down.
    assert upper["CURRENT"] - upper["PRIOR"] == 100
    assert upper["MIGRATION_OUT"] == 100
    assert lower["MIGRATION_IN"] == -100
    assert {upper[name] for name in ("PRICE", "QUANTITY", "MIX", "UNIT_COST")} == {0}
    assert {lower[name] for name in ("PRICE", "QUANTITY", "MIX", "UNIT_COST")} == {0}


def test_price_is_taken_at_what_was_sold_and_cost_beside_it():
    one = CostCompany()
    quarters(one)
    one.sale("A", 1, 10, 1_000, 600, "S1")
    one.sale("A", 4, 12, 1_320, 780, "S1")
    found = steps(bridge_of(one), "S1", QUARTER)
    assert found["PRICE"] == (110 - 100) * 12
    assert found["UNIT_COST"] == -(65 - 60) * 12
    assert found["QUANTITY"] == 2 * (100 - 60)
    assert found["MIX"] == 0


def test_goods_that_are_new_or_no_more_sold_are_no_mix():
    one = CostCompany()
    quarters(one)
    one.sale("A", 1, 10, 1_000, 600, "S1", product_id="STAYS")
    one.sale("A", 4, 10, 1_000, 600, "S1", product_id="STAYS")
    one.sale("A", 1, 5, 200, 150, "S1", product_id="ENDS")
    one.sale("A", 4, 5, 300, 220, "S1", product_id="BEGINS")
    found = steps(bridge_of(one), "S1", QUARTER)
    assert (found["NEW"], found["LOST"], found["MIX"], found["QUANTITY"]) == (80, -50, 0, 0)


def test_new_and_lost_customers_count_with_their_whole_profit():
    one = CostCompany()
    quarters(one)
    one.sale("GONE", 1, 10, 1_000, 600, "S1")
    one.sale("CAME", 5, 10, 900, 650, "S1")
    found = steps(bridge_of(one), "S1", QUARTER)
    assert (found["NEW"], found["LOST"]) == (250, -400)
    assert found["CURRENT"] - found["PRIOR"] == -150


def test_a_rate_of_exchange_is_no_price():
    one = CostCompany()
    quarters(one)
    dollars = {"currency": "USD"}
    one.sale("A", 1, 10, 1_000, 500, "S1", rate="0.9", **dollars)
    one.sale("A", 4, 10, 1_000, 500, "S1", rate="0.8", **dollars)
    found = steps(bridge_of(one), "S1", QUARTER)
    assert found["FX"] == -100
    assert found["PRICE"] == 0


def test_serving_dearer_is_a_rate_and_serving_more_is_intensity():
    one = CostCompany()
    quarters(one)
    one.tier("A", "S1")
    for month, orders, amount in ((1, 10, 100), (4, 15, 120)):
        one.sale("A", month, 10, 1_000, 600, "S1")
        one.work("A", month, order=orders)
        one.pool(month, amount, 100, {"order": 2})
    found = steps(bridge_of(one), "S1", QUARTER)
    assert found["CTS_INTENSITY"] == -10  # ten minutes more at 1.00
    assert found["CTS_RATE"] == -6  # thirty minutes at 0.20 more
    assert found["CURRENT"] - found["PRIOR"] == -16


def test_a_credit_takes_back_what_it_credits_and_a_loss_can_be_the_base():
    one = CostCompany()
    quarters(one)
    one.sale("A", 1, 10, 500, 600, "S1")
    one.sale("A", 4, 10, 500, 600, "S1")
    one.sale("A", 4, -4, -200, -240, "S1")
    one.sale("A", 5, None, -30, None, "S1")
    found = steps(bridge_of(one), "S1", QUARTER)
    assert found["PRIOR"] == -100
    # Four pieces fewer lose forty less; the credit for the price takes thirty.
    assert (found["QUANTITY"], found["PRICE"]) == (40, -30)
    assert found["CURRENT"] == -90


def anything(seed: int) -> CostCompany:
    """Customers who come, go, move, return goods, pay in two currencies and cost something."""
    pick = random.Random(seed)
    one = CostCompany()
    quarters(one)
    for month in range(1, 7):
        one.pool(month, pick.randint(-50, 900), pick.randint(100, 900), {"order": 1.7})
    for number in range(25):
        entity = f"E{number}"
        homes = [pick.choice(["S1", "S2", "S3", "S4"]) for _ in range(2)]
        one.tier(entity, homes[0], 1, 5)
        one.tier(entity, homes[1], 5, 13)
        for month in range(1, 7):
            if pick.random() < 0.4:
                continue
            one.work(entity, month, order=pick.randint(1, 5))
            for _ in range(pick.randint(1, 3)):
                qty = pick.choice([1, 2, 7, -1])
                one.sale(
                    entity,
                    month,
                    qty,
                    qty * pick.randint(5, 90),
                    qty * pick.randint(5, 60),
                    homes[month >= 5],
                    product_id=f"P{pick.randint(1, 4)}",
                    currency=pick.choice(["EUR", "USD"]),
                    rate=pick.choice(["1", "0.91"]),
                )
    return one


@pytest.mark.parametrize("seed", range(6))
def test_every_bridge_closes_and_migration_adds_up_to_nothing(seed):
    one = anything(seed)
    made = one.solved(date(2025, 7, 1))
    rows = made["segment_pnl_bridge"]
    assert rows
    assert max(abs(gap) for gap in gaps(rows).values()) <= CENT
    moved = [row["amount_group"] for row in rows if row["step_code"].startswith("MIGRATION")]
    assert any(moved)
    assert abs(sum(moved)) <= CENT
    profit = sum(
        row["net_to_serve_group"] for row in made["segment_pnl"] if row["fiscal_quarter"] == QUARTER
    )
    assert abs(sum(r["amount_group"] for r in rows if r["step_code"] == "CURRENT") - profit) <= CENT


def test_a_quarter_of_which_only_the_end_is_known_is_no_base():
    one = CostCompany()
    one.rows["calendar"] = one.rows["calendar"][2:]
    for month in range(3, 10):
        one.sale("A", month, 1, 10, 5, "S1")
    rows = one.solved(date(2025, 10, 1))["segment_pnl_bridge"]
    assert {row["fiscal_quarter"] for row in rows} == {"2025-Q3"}


def test_a_plan_stands_beside_its_segment_and_that_of_the_company_beside_none():
    one = CostCompany()
    one.sale("A", 1, 10, 1_000, 600, "S1")
    one.add("budget", fiscal_period_id="2025-01", segment_code="S1", amount_group=900)
    one.add("budget", fiscal_period_id="2025-01", segment_code=None, amount_group=5_000)
    rows = one.solved(date(2025, 2, 1))["segment_pnl"]
    planned = {
        row["segment_key"]: row["budget_amount_group"] for row in rows if row["company_code"] == "*"
    }
    assert planned == {"service:S1": 900, "-2": 5_000}
    assert sum(row["net_revenue_group"] for row in rows) == 1_000
