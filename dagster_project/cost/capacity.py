"""Time-driven activity-based costing: what a minute of capacity costs and who used it.

Kaplan and Anderson, "Time-Driven Activity-Based Costing", Harvard Business Review, November 2004:
the cost of the capacity supplied is divided by the minutes that can practically be worked, and
activities are charged for the minutes that they took. What nobody used is shown, and charged to
nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

PRACTICAL_SHARE = (0.80, 0.85)
"""Practical capacity as a share of the theoretical one, as Kaplan and Anderson find it."""


@dataclass(frozen=True)
class Usage:
    """Capacity of one pool in one period.

    Attributes:
        used_minutes: Minutes of each activity, shape ``(activities,)``.
        charged: Cost of each activity, shape ``(activities,)``.
        unused_minutes: Practical minutes that nobody used; negative where more was worked.
        unused_cost: Their cost; with ``charged`` it adds up to the cost of the pool.
    """

    used_minutes: FloatArray
    charged: FloatArray
    unused_minutes: float
    unused_cost: float


def capacity_rate(cost: float, practical_minutes: float) -> float:
    """Return the cost of one practical minute, in the currency of ``cost``.

    Args:
        cost: Cost of the capacity supplied in a period; below zero where accruals are taken back.
        practical_minutes: Minutes that can be worked in it.

    Raises:
        ValueError: There are no practical minutes.
    """
    if not practical_minutes > 0:
        raise ValueError(f"{practical_minutes} practical minutes have no cost each.")
    return cost / practical_minutes


def minutes_of(equation: Mapping[str, float], drivers: Mapping[str, ArrayLike]) -> FloatArray:
    """Return the minutes that a time equation makes of driver quantities.

    Args:
        equation: Minutes per unit of each driver: ``t = sum of b_j x_j``.
        drivers: Quantity of each driver, all of one shape.

    Raises:
        KeyError: The equation names a driver that is not counted.
    """
    parts = [minutes * np.asarray(drivers[name], dtype=float) for name, minutes in equation.items()]
    return np.asarray(np.sum(parts, axis=0), dtype=np.float64)


def usage(
    cost: float, practical_minutes: float, minutes: ArrayLike, quantities: ArrayLike
) -> Usage:
    """Charge a pool to its activities by the minutes that they took.

    Args:
        cost: Cost of the pool.
        practical_minutes: Minutes that can be worked; none leave the whole cost unused.
        minutes: Minutes per unit of each activity, shape ``(activities,)``.
        quantities: Units of each activity, shape ``(activities,)``.

    Raises:
        ValueError: A time or a quantity is negative.
    """
    each, count = np.asarray(minutes, dtype=float), np.asarray(quantities, dtype=float)
    if (each < 0).any() or (count < 0).any():
        raise ValueError("Minutes and quantities of activities are never negative.")
    used = np.asarray(each * count, dtype=np.float64)
    if not practical_minutes > 0:
        return Usage(used, np.zeros_like(used), -float(used.sum()), cost)
    charged = used * capacity_rate(cost, practical_minutes)
    unused = practical_minutes - float(used.sum())
    return Usage(used, charged, unused, cost - float(charged.sum()))
