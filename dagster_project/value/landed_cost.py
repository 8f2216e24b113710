"""What goods cost at the door: supplier price and all that it takes to bring them in.

Landed cost is supplier price, freight in, insurance, duty on their sum (CIF, as customs value it),
brokerage, port and handling. VAT that the company gets back is no cost. Charges of a shipment go
to its lines by value, weight, volume or quantity; each amount is converted at the rate of the
receipt date before it comes here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from dagster_project.value.ratios import FloatArray


class Component(StrEnum):
    """What a charge is for. Freight and insurance belong to the customs value."""

    FREIGHT_IN = "freight_in"
    INSURANCE = "insurance"
    BROKERAGE = "brokerage"
    PORT_HANDLING = "port_handling"


class Basis(StrEnum):
    """By what a charge is shared out."""

    VALUE = "value"
    WEIGHT = "weight"
    VOLUME = "volume"
    QTY = "qty"


@dataclass(frozen=True)
class Charge:
    """One charge of a shipment, in the company's currency."""

    component: Component
    amount: float
    basis: Basis = Basis.VALUE


@dataclass(frozen=True)
class LandedCost:
    """Parts of the landed cost of each receipt line, in the company's currency."""

    qty: FloatArray
    supplier_price: FloatArray
    charges: Mapping[Component, FloatArray]
    duty: FloatArray
    vat: FloatArray
    is_vat_recoverable: bool

    @property
    def cif(self) -> FloatArray:
        """Customs value: supplier price, insurance and freight."""
        return (
            self.supplier_price
            + self.charges[Component.FREIGHT_IN]
            + self.charges[Component.INSURANCE]
        )

    @property
    def total(self) -> FloatArray:
        """Landed cost of the line."""
        own_vat = np.zeros_like(self.vat) if self.is_vat_recoverable else self.vat
        cleared = self.charges[Component.BROKERAGE] + self.charges[Component.PORT_HANDLING]
        return self.cif + self.duty + cleared + own_vat

    @property
    def per_unit(self) -> FloatArray:
        """Landed cost of one unit."""
        return self.total / self.qty


def landed_cost(
    lines: Mapping[Basis, ArrayLike],
    charges: Sequence[Charge],
    *,
    duty_rate: ArrayLike = 0.0,
    vat_rate: ArrayLike = 0.0,
    is_vat_recoverable: bool = True,
) -> LandedCost:
    """Land the lines of one receipt.

    Args:
        lines: Supplier price (``value``) and ``qty`` of each line, and ``weight`` in kg or
            ``volume`` in m³ where a charge is shared out by it; shape ``(lines,)`` each.
        charges: Charges of the receipt.
        duty_rate: Share of the CIF value, one number or one per line.
        vat_rate: Share of CIF value and duty, likewise.
        is_vat_recoverable: Whether the company gets the VAT back.

    Raises:
        ValueError: A quantity is not positive, a rate is negative, or a basis cannot share out a
            charge because it is missing or adds up to nothing.
    """
    bases = {basis: np.asarray(column, dtype=float) for basis, column in lines.items()}
    qty, supplier_price = bases[Basis.QTY], bases[Basis.VALUE]
    if not (qty > 0).all() or qty.shape != supplier_price.shape:
        raise ValueError("Every line needs a price and a positive quantity.")
    duties, vat_rates = np.asarray(duty_rate, dtype=float), np.asarray(vat_rate, dtype=float)
    if (duties < 0).any() or (vat_rates < 0).any():
        raise ValueError("A rate of duty or VAT is negative.")
    shared = {component: np.zeros(qty.shape) for component in Component}
    for charge in charges:
        if charge.basis not in bases:
            raise ValueError(
                f"{charge.component} is shared out by {charge.basis}, which is missing."
            )
        shared[charge.component] = shared[charge.component] + allocate(
            charge.amount, bases[charge.basis]
        )
    cif = supplier_price + shared[Component.FREIGHT_IN] + shared[Component.INSURANCE]
    duty = cif * duties
    vat = (cif + duty) * vat_rates
    return LandedCost(qty, supplier_price, shared, duty, vat, is_vat_recoverable)


def allocate(amount: float, basis: ArrayLike, cents: int = 100) -> FloatArray:
    """Share an amount out in proportion, in whole cents that add up to it exactly.

    What rounding leaves goes to the largest remainders; among equal ones to the first line.

    Args:
        amount: Amount, negative for a refund.
        basis: What each line has of the basis, shape ``(lines,)``.
        cents: Smallest units in one unit of money.

    Raises:
        ValueError: The basis is negative or unknown somewhere, or adds up to nothing.
    """
    weights = np.asarray(basis, dtype=float)
    if not (weights >= 0).all() or not weights.sum() > 0:
        raise ValueError("A basis is negative or unknown, or adds up to nothing.")
    whole = round(abs(amount) * cents)
    exact = whole * weights / weights.sum()
    parts = np.floor(exact + 1e-9)
    left = int(whole - parts.sum())
    parts[np.argsort(-(exact - parts), kind="stable")[:left]] += 1
    return (parts if amount > 0 else 0.0 - parts) / cents


def moving_average(
    on_hand_qty: ArrayLike, average: ArrayLike, received_qty: ArrayLike, unit_cost: ArrayLike
) -> FloatArray:
    """Average unit cost after a receipt, one element per product.

    Stock that is not there, or owed, has no say: the receipt's cost is then the average.

    Args:
        on_hand_qty: Quantity before the receipt, negative where more was issued than received.
        average: Average unit cost before it.
        received_qty: Quantity received, positive.
        unit_cost: Landed cost of one unit received.

    Raises:
        ValueError: A received quantity is not positive.
    """
    received, cost = np.asarray(received_qty, dtype=float), np.asarray(unit_cost, dtype=float)
    if not (received > 0).all():
        raise ValueError("A receipt has no quantity.")
    stock = np.maximum(np.asarray(on_hand_qty, dtype=float), 0.0)
    before = np.where(stock > 0, np.asarray(average, dtype=float), 0.0)
    return np.asarray((stock * before + received * cost) / (stock + received))


def sold_below_cost(net_price: ArrayLike, landed_unit_cost: ArrayLike) -> np.ndarray:
    """Whether each unit was sold for less than it cost at the door; never where one is unknown."""
    price, cost = np.asarray(net_price, dtype=float), np.asarray(landed_unit_cost, dtype=float)
    return np.asarray(price < cost)
