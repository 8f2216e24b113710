"""What competitors offer against what we promise and do.

The market is the median of the offers that still hold, weighted by how far each can be trusted;
offers that nobody trusts (D), that ended or that are too old stand beside it and do not count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike

CONFIDENCE = {"A": 4.0, "B": 3.0, "C": 2.0, "D": 0.0}
"""Weight of an offer."""


@dataclass(frozen=True)
class Offer:
    """One offer; ``value`` in the unit of its element."""

    competitor: str
    value: float
    confidence: str
    observed: date
    expires: date | None

    def counts(self, on: date, oldest: date) -> bool:
        """Does it hold on a day, is it no older than ``oldest``, and does anybody trust it?"""
        is_open = self.expires is None or self.expires >= on
        return is_open and oldest <= self.observed <= on and CONFIDENCE[self.confidence] > 0


@dataclass(frozen=True)
class Market:
    """``median`` and ``best`` of the offers that count; None where there is none."""

    median: float | None
    best: float | None
    competitors: int
    counted: int
    grey: int


def weighted_median(values: ArrayLike, weights: ArrayLike) -> float:
    """Return the value at which half of the weight is reached; the middle of two where it is met.

    Args:
        values: Shape (n,), n at least 1.
        weights: Shape (n,), above zero.
    """
    order = np.argsort(np.asarray(values, dtype=np.float64), kind="stable")
    series = np.asarray(values, dtype=np.float64)[order]
    running = np.cumsum(np.asarray(weights, dtype=np.float64)[order])
    half = running[-1] / 2
    place = int(np.searchsorted(running, half))
    if np.isclose(running[place], half, rtol=0, atol=1e-12) and place + 1 < len(series):
        return float((series[place] + series[place + 1]) / 2)
    return float(series[place])


def market_of(offers: Sequence[Offer], on: date, oldest: date, less_is_more: bool) -> Market:
    """Return what the market offers on a day."""
    counted = [one for one in offers if one.counts(on, oldest)]
    grey = len(offers) - len(counted)
    if not counted:
        return Market(None, None, 0, 0, grey)
    values = [one.value for one in counted]
    weights = [CONFIDENCE[one.confidence] for one in counted]
    best = min(values) if less_is_more else max(values)
    names = {one.competitor for one in counted}
    return Market(weighted_median(values, weights), best, len(names), len(counted), grey)


def position(ours: float | None, market: float | None, less_is_more: bool) -> str | None:
    """Say whether we are STRONGER, EQUAL or WEAKER than the market."""
    if ours is None or market is None:
        return None
    gap = market - ours if less_is_more else ours - market
    if abs(gap) < 1e-9:
        return "EQUAL"
    return "STRONGER" if gap > 0 else "WEAKER"
