"""Spring Distribution through the models: five customers, and the whale curve of their profit.

Horngren, Cost Accounting, customer-profitability problem. The finance system states what the
printed rates make of orders, visits, delivery miles, cases and expedited deliveries.
"""

from decimal import Decimal

import pytest

from .small_company import activity_cost, ask, built, sale
from .world import World

LIST_PRICE, UNIT_COST = Decimal("14.40"), 12
RATES = {"ORDER": 100, "VISIT": 80, "MILE": 2, "CASE": Decimal("0.50"), "EXPEDITE": 300}
# Cases, price, orders, visits, deliveries, miles per delivery, expedited deliveries.
CUSTOMERS = {
    "P": (2_080, "14.40", 15, 2, 10, 14, 0),
    "Q": (8_750, "14.16", 25, 3, 30, 4, 0),
    "R": (60_800, "13.20", 30, 6, 60, 3, 0),
    "S": (31_800, "13.92", 25, 2, 40, 8, 0),
    "T": (3_900, "12.96", 30, 3, 20, 40, 1),
}
INCOME = {"P": 2_012, "Q": 11_545, "R": 38_720, "S": 41_856, "T": -3_346}


@pytest.fixture(scope="module")
def spring(tmp_path_factory):
    world = World()
    for customer, (cases, price, orders, visits, trips, miles, rushed) in CUSTOMERS.items():
        gross, net = cases * LIST_PRICE, cases * Decimal(price)
        sale(
            world,
            customer,
            qty=cases,
            net=net,
            gross_amount=gross,
            discount_amount=gross - net,
            cogs_std_amount=cases * UNIT_COST,
        )
        used = (orders, visits, trips * miles, cases, rushed)
        for (activity, rate), driver_qty in zip(RATES.items(), used, strict=True):
            if driver_qty:
                amount = rate * driver_qty
                activity_cost(world, customer, activity, amount, driver_qty=driver_qty)
    return built(world, tmp_path_factory.mktemp("spring"))


def test_operating_incomes_are_the_published_ones(spring):
    rows = ask(
        spring,
        "select entity_id, sum(net_to_serve_group) as income"
        " from marts.fct_customer_pnl group by entity_id",
    )
    assert {row["entity_id"]: row["income"] for row in rows} == INCOME
    assert sum(row["income"] for row in rows) == 90_787


def test_whale_curve_peaks_before_the_one_who_loses(spring):
    rows = ask(spring, "select * from marts.mart_whale_curve order by profit_rank")
    assert [row["entity_id"] for row in rows] == ["S", "R", "Q", "P", "T"]
    assert [row["cumulative_profit_group"] for row in rows] == [
        41_856,
        80_576,
        92_121,
        94_133,
        90_787,
    ]
    assert [row["is_peak"] for row in rows] == [False, False, False, True, False]
    peak = rows[0]
    assert (peak["peak_profit_group"], peak["final_profit_group"]) == (94_133, 90_787)
    assert round(peak["peak_ratio"] * 100, 2) == 103.69


def test_discount_and_activities_are_steps_of_the_waterfall(spring):
    rows = ask(
        spring,
        "select step_code, amount_group as amount from marts.mart_price_waterfall"
        " where entity_id = 'T'",
    )
    steps = {row["step_code"]: row["amount"] for row in rows}
    assert steps["LIST_PRICE"] == 3_900 * LIST_PRICE
    assert steps["ON_INVOICE_DISCOUNT"] == -3_900 * (LIST_PRICE - Decimal("12.96"))
    assert steps["POCKET_MARGIN"] == 3_900 * (Decimal("12.96") - UNIT_COST)
    assert steps["ACTIVITY_COST"] == -(3_000 + 240 + 1_600 + 1_950 + 300)
    assert steps["NET_TO_SERVE"] == -3_346


def test_each_mart_has_all_that_finance_stated(spring):
    [row] = ask(
        spring,
        "select (select sum(amount) from staging.stg_finance__customer_activity_cost) as stated,"
        " (select sum(activity_cost_group) from marts.fct_customer_pnl) as booked,"
        " (select -sum(amount_group) from marts.mart_price_waterfall"
        " where step_code = 'ACTIVITY_COST') as stepped,"
        " (select sum(cost_to_serve_group) from marts.mart_profit_quadrant) as served",
    )
    assert row["stated"] == row["booked"] == row["stepped"] == row["served"]
    assert row["stated"] > 0
