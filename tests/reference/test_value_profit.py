"""Profit of customers and cost of goods: worked cases that teachers print.

Dakota Office Products (Kaplan, Harvard Business School case 9-102-021), Spring Distribution
(Horngren, customer-profitability problem; its outputs are arithmetic on the printed inputs) and a
landed cost worked out in an import calculator's guide (tools.gera.services).
"""

import numpy as np
import pytest

from dagster_project.value.activity_cost import activity_costs, activity_rates, net_to_serve
from dagster_project.value.landed_cost import Basis, Charge, Component, landed_cost
from dagster_project.value.whale import whale_curve

# Activities: carton, shipped carton, desktop delivery, manual order, order line, EDI order.
DAKOTA_COST = [2_000_000, 2_400_000, 450_000, 200_000, 800_000]
DAKOTA_EFFORT = [
    [1.0, 0, 0, 0, 0, 0],
    [0.9, 0, 0.1, 0, 0, 0],
    [0, 1.0, 0, 0, 0, 0],
    [0, 0, 1.0, 0, 0, 0],
    [0, 0, 0, 0.2, 0.75, 0.05],
]
DAKOTA_VOLUME = [80_000, 75_000, 2_000, 16_000, 150_000, 8_000]

SPRING = ["P", "Q", "R", "S", "T"]
CASES = np.array([2_080, 8_750, 60_800, 31_800, 3_900])
PRICE = np.array([14.40, 14.16, 13.20, 13.92, 12.96])
DELIVERIES = np.array([10, 30, 60, 40, 20])
MILES = np.array([14, 4, 3, 8, 40])


def spring_profit() -> np.ndarray:
    orders, visits, expedites = [15, 25, 30, 25, 30], [2, 3, 6, 2, 3], [0, 0, 0, 0, 1]
    volumes = np.column_stack([orders, visits, DELIVERIES * MILES, CASES, expedites])
    costs = activity_costs([100, 80, 2, 0.50, 300], volumes)
    return net_to_serve(CASES * PRICE, CASES * 12, costs)


def test_dakota_rates():
    rates = activity_rates(DAKOTA_COST, DAKOTA_EFFORT, DAKOTA_VOLUME)
    assert rates == pytest.approx([52, 6, 220, 10, 4, 5])


def test_dakota_customers():
    rates = activity_rates(DAKOTA_COST, DAKOTA_EFFORT, DAKOTA_VOLUME)
    volumes = [[200, 200, 0, 6, 60, 6], [200, 150, 25, 100, 180, 0]]
    receivables = np.array([9_000, 30_000])
    contribution = net_to_serve(
        [103_000, 104_000], [85_000, 85_000], activity_costs(rates, volumes), 0.10 * receivables
    )
    assert contribution == pytest.approx([5_170, -2_520])


def test_spring_customers():
    profit = spring_profit()
    assert profit == pytest.approx([2_012, 11_545, 38_720, 41_856, -3_346])
    assert profit.sum() == pytest.approx(90_787)


def test_spring_whale_curve():
    curve = whale_curve(SPRING, spring_profit())
    assert [SPRING[place] for place in curve.order] == ["S", "R", "Q", "P", "T"]
    assert curve.peak == pytest.approx(94_133)
    assert curve.peak_rank == 4
    assert curve.final == pytest.approx(90_787)
    assert curve.peak_ratio == pytest.approx(1.0369, abs=0.00005)
    assert curve.cumulative_customers == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert curve.cumulative_share.values[-1] == 1.0


@pytest.mark.parametrize(
    ("is_vat_recoverable", "total", "per_unit"),
    [
        pytest.param(False, 11_726.40, 5.8632, id="VAT is a cost"),
        pytest.param(True, 9_792.00, 4.896, id="VAT comes back"),
    ],
)
def test_landed_cost_of_an_import(is_vat_recoverable, total, per_unit):
    cost = landed_cost(
        {Basis.VALUE: [8_000], Basis.QTY: [2_000]},
        [
            Charge(Component.FREIGHT_IN, 1_200),
            Charge(Component.INSURANCE, 100),
            Charge(Component.BROKERAGE, 120),
        ],
        duty_rate=0.04,
        vat_rate=0.20,
        is_vat_recoverable=is_vat_recoverable,
    )
    assert cost.cif[0] == pytest.approx(9_300)
    assert cost.duty[0] == pytest.approx(372)
    assert cost.vat[0] == pytest.approx(1_934.40)
    assert cost.total[0] == pytest.approx(total)
    assert cost.per_unit[0] == pytest.approx(per_unit)
