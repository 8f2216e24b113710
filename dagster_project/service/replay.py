"""What demand and what execution did to the units that could not be delivered, by replay.

The stock of each series is run four times: with planned and actual demand, and with planned and
actual supply. The two contributions are the Shapley values of the two players (L. S. Shapley, A
value for n-person games, 1953); with two players they are half sums of differences, so their sum is
exactly what happened less what was planned. Quantities are whole numbers: nothing is rounded.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Units that stayed open, and twice the part of each cause; shapes (n, t), in units.

    ``f00`` planned demand and supply, ``f10`` actual demand, ``f01`` actual supply, ``f11`` both.
    Twice, because a half unit is no whole number; ``twice_bias + twice_noise == twice_demand``.
    """

    f00: IntArray
    f10: IntArray
    f01: IntArray
    f11: IntArray
    twice_demand: IntArray
    twice_execution: IntArray
    twice_bias: IntArray
    twice_noise: IntArray


def unfilled(opening: IntArray, demand: IntArray, supply: IntArray) -> IntArray:
    """Return what could not be delivered from stock in each period; it is lost, not owed.

    Args:
        opening: Stock before the first period, shape (n,).
        demand: Units asked for, shape (n, t), not below zero.
        supply: Units that come in before the demand of the period, shape (n, t).

    Returns:
        Units, shape (n, t).
    """
    stock = opening.astype(np.int64).copy()
    missing = np.zeros(demand.shape, dtype=np.int64)
    for period in range(demand.shape[1]):
        stock += supply[:, period]
        given = np.minimum(stock, demand[:, period])
        missing[:, period] = demand[:, period] - given
        stock -= given
    return missing


def planned_demand(demand: IntArray, months: int) -> IntArray:
    """Return the mean of the periods before, so many at most, as a whole number; shape (n, t).

    The first period has none before it and is planned as it was.
    """
    n, t = demand.shape
    sums = np.concatenate([np.zeros((n, 1), dtype=np.int64), np.cumsum(demand, axis=1)], axis=1)
    plan = demand.astype(np.int64).copy()
    for period in range(1, t):
        first = max(0, period - months)
        count = period - first
        plan[:, period] = (sums[:, period] - sums[:, first] + count // 2) // count
    return plan


def split(
    opening: IntArray, plan: IntArray, demand: IntArray, due: IntArray, supply: IntArray
) -> Split:
    """Split what stayed open into what demand and what execution did.

    Args:
        opening: Stock before the first period, shape (n,).
        plan: Planned demand, shape (n, t).
        demand: Actual demand, shape (n, t).
        due: Supply as it was promised, shape (n, t).
        supply: Supply as it came, shape (n, t).

    Returns:
        Units open in each replay and the parts. Of the part of demand the bias is what the mean
        error of the plan of each series explains, the noise is the rest.
    """
    error = demand - plan
    bias = np.rint(error.mean(axis=1)).astype(np.int64)[:, None] if demand.size else error
    biased = np.maximum(plan + bias, 0)
    f00, f10 = unfilled(opening, plan, due), unfilled(opening, demand, due)
    f01, f11 = unfilled(opening, plan, supply), unfilled(opening, demand, supply)
    fb0, fb1 = unfilled(opening, biased, due), unfilled(opening, biased, supply)
    twice_demand = (f10 - f00) + (f11 - f01)
    twice_bias = (fb0 - f00) + (fb1 - f01)
    return Split(
        f00,
        f10,
        f01,
        f11,
        twice_demand,
        (f01 - f00) + (f11 - f10),
        twice_bias,
        twice_demand - twice_bias,
    )
