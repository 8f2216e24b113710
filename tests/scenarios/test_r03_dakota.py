"""Dakota Office Products through the models: two customers with equal sales, one of them a loss.

Kaplan, Dakota Office Products, Harvard Business School case 9-102-021. The finance system states
what the published activity rates make of the drivers of each customer; the marts do the rest.
"""

from decimal import Decimal

import pytest

from .small_company import activity_cost, ask, built, sale
from .world import World

RATES = {
    "CARTON": 52,
    "SHIPPED_CARTON": 6,
    "DESKTOP_DELIVERY": 220,
    "MANUAL_ORDER": 10,
    "ORDER_LINE": 4,
    "EDI_ORDER": 5,
}
"""Warehouse, carriers, trucks and order entry by their yearly volumes."""
INTEREST = Decimal("0.10")
CUSTOMERS = {
    "A": {"sales": 103_000, "goods": 85_000, "receivables": 9_000, "used": (200, 200, 0, 6, 60, 6)},
    "B": {
        "sales": 104_000,
        "goods": 85_000,
        "receivables": 30_000,
        "used": (200, 150, 25, 100, 180, 0),
    },
}


@pytest.fixture(scope="module")
def dakota(tmp_path_factory):
    world = World()
    for customer, facts in CUSTOMERS.items():
        sale(world, customer, net=facts["sales"], cogs_std_amount=facts["goods"])
        for (activity, rate), used in zip(RATES.items(), facts["used"], strict=True):
            if used:
                given = {"driver": activity.lower(), "driver_qty": used}
                activity_cost(world, customer, activity, rate * used, **given)
        activity_cost(world, customer, "WORKING_CAPITAL", INTEREST * facts["receivables"])
    return built(world, tmp_path_factory.mktemp("dakota"))


@pytest.mark.parametrize(("customer", "contribution"), [("A", 5_170), ("B", -2_520)])
def test_contribution_of_the_published_customers(dakota, customer, contribution):
    [pnl] = ask(
        dakota,
        "select sum(gross_profit_group) as gross, sum(activity_cost_group) as activities,"
        " sum(working_capital_charge_group) as capital, sum(net_to_serve_group) as net"
        f" from marts.fct_customer_pnl where entity_id = '{customer}'",
    )
    facts = CUSTOMERS[customer]
    assert pnl["gross"] == facts["sales"] - facts["goods"]
    assert pnl["activities"] == sum(
        rate * used for rate, used in zip(RATES.values(), facts["used"], strict=True)
    )
    assert pnl["capital"] == INTEREST * facts["receivables"]
    assert pnl["net"] == contribution


def test_yearly_marts_say_the_same(dakota):
    rows = ask(
        dakota,
        "select entity_id, curve.net_to_serve_group as ranked, step.amount_group as stepped,"
        " quadrant.cost_to_serve_group as served, quadrant.cost_to_serve_basis as basis"
        " from marts.mart_whale_curve as curve"
        " join marts.mart_price_waterfall as step using (entity_id)"
        " join marts.mart_profit_quadrant as quadrant using (entity_id)"
        " where step.step_code = 'NET_TO_SERVE' order by entity_id",
    )
    assert [(row["entity_id"], row["ranked"]) for row in rows] == [("A", 5_170), ("B", -2_520)]
    assert [row["stepped"] for row in rows] == [5_170, -2_520]
    assert [row["served"] for row in rows] == [12_830, 21_520]
    assert {row["basis"] for row in rows} == {
        "samples, activities, working capital; not yet measured: freight, bad debt"
    }


def test_who_pays_as_much_and_takes_more_lands_in_another_quadrant(dakota):
    rows = ask(dakota, "select entity_id, quadrant from marts.mart_profit_quadrant")
    assert {row["entity_id"]: row["quadrant"] for row in rows} == {
        "A": "BARGAIN_BASEMENT",
        "B": "CARRIAGE_TRADE",
    }


def test_what_nobody_states_is_not_yet_measured(dakota):
    rows = ask(
        dakota,
        "select distinct activity_cost_basis as activities,"
        " working_capital_charge_basis as capital, bad_debt_basis as debt,"
        " bad_debt_group as lost from marts.fct_customer_pnl",
    )
    assert rows == [
        {
            "activities": "stated by finance per activity",
            "capital": "stated by finance",
            "debt": "not yet measured",
            "lost": None,
        }
    ]
