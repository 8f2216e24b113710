"""Landed cost: charges shared out to the cent, duty on CIF, averages at receipt."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagster_project.value.landed_cost import (
    Basis,
    Charge,
    Component,
    allocate,
    landed_cost,
    moving_average,
    sold_below_cost,
)

LINES = {
    Basis.VALUE: [600.0, 400.0],
    Basis.QTY: [10.0, 30.0],
    Basis.WEIGHT: [5.0, 20.0],
    Basis.VOLUME: [1.0, 1.0],
}


@pytest.mark.parametrize(
    ("basis", "parts"),
    [
        (Basis.VALUE, [60, 40]),
        (Basis.QTY, [25, 75]),
        (Basis.WEIGHT, [20, 80]),
        (Basis.VOLUME, [50, 50]),
    ],
)
def test_each_charge_follows_its_own_basis(basis, parts):
    cost = landed_cost(LINES, [Charge(Component.PORT_HANDLING, 100, basis)])
    assert cost.charges[Component.PORT_HANDLING] == pytest.approx(parts)
    assert cost.total == pytest.approx(np.array([600, 400]) + parts)


def test_duty_is_on_price_freight_and_insurance_and_not_on_clearance():
    charges = [
        Charge(Component.FREIGHT_IN, 90),
        Charge(Component.INSURANCE, 10),
        Charge(Component.BROKERAGE, 50),
        Charge(Component.PORT_HANDLING, 50),
    ]
    cost = landed_cost(LINES, charges, duty_rate=[0.10, 0.0])
    assert cost.cif == pytest.approx([660, 440])
    assert cost.duty == pytest.approx([66, 0])
    assert cost.total.sum() == pytest.approx(1000 + 200 + 66)


def test_recoverable_vat_is_no_cost():
    own, back = (
        landed_cost(LINES, [], vat_rate=0.2, is_vat_recoverable=flag) for flag in (False, True)
    )
    assert own.total - back.total == pytest.approx(own.vat)
    assert back.per_unit == pytest.approx([60, 400 / 30])


def test_two_charges_of_one_component_add_up():
    charges = [Charge(Component.FREIGHT_IN, 30), Charge(Component.FREIGHT_IN, 70, Basis.VOLUME)]
    assert landed_cost(LINES, charges).charges[Component.FREIGHT_IN] == pytest.approx([53, 47])


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param({Basis.VALUE: [1.0], Basis.QTY: [1.0]}, id="weight is missing"),
        pytest.param({**LINES, Basis.WEIGHT: [0.0, 0.0]}, id="weight adds up to nothing"),
        pytest.param({**LINES, Basis.WEIGHT: [np.nan, 1.0]}, id="a weight is unknown"),
        pytest.param({**LINES, Basis.WEIGHT: [-1.0, 2.0]}, id="a weight is negative"),
    ],
)
def test_basis_that_cannot_share_out_a_charge_is_refused(lines):
    with pytest.raises(ValueError, match=r"missing|adds up to nothing"):
        landed_cost(lines, [Charge(Component.FREIGHT_IN, 100, Basis.WEIGHT)])


@pytest.mark.parametrize("qty", [0.0, -1.0])
def test_line_without_quantity_is_refused(qty):
    with pytest.raises(ValueError, match="quantity"):
        landed_cost({Basis.VALUE: [1.0], Basis.QTY: [qty]}, [])


def test_negative_rate_is_refused():
    with pytest.raises(ValueError, match="negative"):
        landed_cost(LINES, [], duty_rate=-0.1)


def test_cents_left_by_rounding_go_to_the_largest_remainders():
    assert allocate(100.0, [1, 1, 1]) == pytest.approx([33.34, 33.33, 33.33])
    assert allocate(1.0, [50.6, 49.4]) == pytest.approx([0.51, 0.49])
    assert allocate(-100.0, [1, 1, 1]) == pytest.approx([-33.34, -33.33, -33.33])


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_parts_add_up_to_the_cent(cents, weights):
    if sum(weights) == 0:
        weights[0] = 1
    parts = allocate(cents / 100, weights)
    assert round(parts.sum() * 100) == cents
    assert (np.abs(parts[np.array(weights) == 0]) == 0).all()


def test_receipt_moves_the_average_by_its_share_of_the_stock():
    assert moving_average([100.0], [5.0], [50.0], [8.0]) == pytest.approx([6.0])


def test_stock_that_is_not_there_has_no_say():
    assert moving_average([0.0, -20.0], [np.nan, 5.0], [10.0, 10.0], [8.0, 8.0]) == pytest.approx(
        [8.0, 8.0]
    )


def test_receipt_without_quantity_is_refused():
    with pytest.raises(ValueError, match="no quantity"):
        moving_average([10.0], [5.0], [0.0], [8.0])


def test_sale_below_landed_cost_is_seen_and_an_unknown_cost_accuses_nobody():
    assert list(sold_below_cost([4.0, 5.0, 6.0, 4.0], [5.0, 5.0, 5.0, np.nan])) == [
        True,
        False,
        False,
        False,
    ]
