"""Who earns the profit: the whale curve and the profit score.

Kaplan & Narayanan, Measuring and Managing Customer Profitability, Journal of Cost Management, 2001:
customers from the best to the worst; the cumulative profit rises to a peak above the final profit
and falls by what the others lose.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dagster_project.value.ratios import FloatArray, Measured, ratio

IntArray = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True)
class WhaleCurve:
    """The curve, best customer first; arrays have one element per customer."""

    order: IntArray
    """Position in the input of each customer of the curve."""
    cumulative_customers: FloatArray
    """Share of the customers up to here."""
    cumulative_profit: FloatArray
    cumulative_share: Measured
    """Share of the final profit up to here; missing where that is not positive."""

    @property
    def final(self) -> float:
        """Profit of all customers."""
        return float(self.cumulative_profit[-1])

    @property
    def peak(self) -> float:
        """Profit of the customers up to the peak; never below the final profit."""
        return float(self.cumulative_profit.max())

    @property
    def peak_rank(self) -> int:
        """How many customers make the peak, counted from one; the fewest that do."""
        return int(self.cumulative_profit.argmax()) + 1

    @property
    def peak_ratio(self) -> float | None:
        """Peak over final profit; None where the final profit is not positive."""
        return self.peak / self.final if self.final > 0 else None


def whale_curve(customers: ArrayLike, profit: ArrayLike) -> WhaleCurve:
    """Rank customers by profit, equal ones by their name, and add up.

    Args:
        customers: Names, all different, shape ``(n,)``.
        profit: Profit in one unit of money, shape ``(n,)``.

    Raises:
        ValueError: No customer, two of one name, or a profit is unknown.
    """
    names, amounts = np.asarray(customers), np.asarray(profit, dtype=float)
    if not len(names) or names.shape != amounts.shape:
        raise ValueError(f"{names.size} customers with {amounts.size} profits")
    if len(np.unique(names)) < len(names):
        raise ValueError("Two customers have one name.")
    if not np.isfinite(amounts).all():
        raise ValueError("A profit is unknown: leave the customer out and say so.")
    order = np.lexsort((names, -amounts))
    total = np.cumsum(amounts[order])
    share = np.arange(1, len(names) + 1) / len(names)
    everyone = np.full(len(names), total[-1])
    return WhaleCurve(order, share, total, ratio(total, everyone, "profit of all customers"))


def profit_score(net_to_serve: ArrayLike, net_revenue: ArrayLike) -> Measured:
    """Share of the scored customers who are no better, between 0 and 1, shape ``(n,)``.

    Better is a higher net-to-serve over 12 months; between equal ones, the higher share of it in
    net revenue, where a share that cannot be said ranks lowest. Customers equal in both have the
    same score. An unknown net-to-serve is not scored and counts for nobody.

    Args:
        net_to_serve: Amounts over 12 months, shape ``(n,)``; NaN where unknown.
        net_revenue: Amounts over the same months, shape ``(n,)``; NaN where unknown.
    """
    amounts = np.atleast_1d(np.asarray(net_to_serve, dtype=float))
    share = ratio(amounts, np.atleast_1d(np.asarray(net_revenue, dtype=float))).values
    known = ~np.isnan(amounts)
    values = np.full(amounts.shape, np.nan)
    reasons = np.full(amounts.shape, None, dtype=object)
    reasons[~known] = "net-to-serve is unknown"
    if known.any():
        keys = np.column_stack([amounts[known], np.nan_to_num(share[known], nan=-np.inf)])
        _, place, count = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
        values[known] = (np.cumsum(count) / known.sum())[place.ravel()]
    return Measured(values, reasons)
