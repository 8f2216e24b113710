"""Could a premium service be kept? Hours of arrivals against hours of capacity, on real days.

The backlog of an hour is what was there, plus what came, less what was done:
B_h = max(0, B_{h-1} + A_h - C_h). Orders of the service go first; what they take the others lack.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dagster_project.analytics.inputs import FloatArray

HOURS = 24
EARTH_KM = 6371.0088
PEAK = 95
"""Percentile of the days that is reported, by orders that arrive."""


@dataclass(frozen=True)
class Outcome:
    """What days of arrivals come to; arrays of shape (days,).

    ``asked``: orders of the service that came by its cut-off; ``kept``: of them done by the
    pick-up; ``displaced``: orders of others that leave later than they would without the service.
    """

    asked: FloatArray
    kept: FloatArray
    displaced: FloatArray

    @property
    def attainment(self) -> float | None:
        """Share of all that came by the cut-off."""
        return float(self.kept.sum() / self.asked.sum()) if self.asked.sum() else None

    def on_peak(self) -> float | None:
        """Share on the days with as many orders as the 95th percentile, or more."""
        if not self.asked.sum():
            return None
        busy = self.asked >= np.percentile(self.asked, PEAK)
        return float(self.kept[busy].sum() / self.asked[busy].sum())


def backlog(arrivals: ArrayLike, capacity: ArrayLike, start: float = 0.0) -> FloatArray:
    """Return the backlog at the end of each hour.

    Args:
        arrivals: Orders by hour, shape (hours,) or (days, hours).
        capacity: Orders that can be done by hour, of the same last length.
        start: Backlog before the first hour.
    """
    came = np.asarray(arrivals, dtype=np.float64)
    net = np.cumsum(came - np.asarray(capacity, dtype=np.float64), axis=-1) + start
    # The recursion unrolled: the running sum less its lowest point so far, if below zero.
    lowest = np.minimum(np.minimum.accumulate(net, axis=-1), 0.0)
    return np.asarray(net - lowest)


def served(arrivals: ArrayLike, capacity: ArrayLike) -> FloatArray:
    """Return the orders that are done in each hour, those that came first being done first."""
    came = np.asarray(arrivals, dtype=np.float64)
    left = backlog(came, capacity)
    return came - np.diff(left, axis=-1, prepend=0.0)


def replay(
    premium: ArrayLike, others: ArrayLike, capacity: ArrayLike, cutoff: int, pickup: int
) -> Outcome:
    """Return what days come to when orders of the service go first.

    Args:
        premium: Orders of the service by day and hour, shape (days, 24).
        others: All other orders, of the same shape.
        capacity: Orders that can be done by hour, shape (24,).
        cutoff: First hour whose orders are too late for the service.
        pickup: First hour that is too late for the carrier.
    """
    first = np.asarray(premium, dtype=np.float64)
    rest = np.asarray(others, dtype=np.float64)
    able = np.broadcast_to(np.asarray(capacity, dtype=np.float64), first.shape)
    done = served(first, able)
    in_time = first[:, :cutoff].sum(axis=1)
    # First come, first done: by the pick-up as many of the early ones are through as were done.
    kept = np.minimum(done[:, :pickup].sum(axis=1), in_time)
    rest_done = served(rest, able - done)[:, :pickup].sum(axis=1)
    together = first + rest
    share = _share(rest[:, :pickup].sum(axis=1), together[:, :pickup].sum(axis=1))
    alone = served(together, able)[:, :pickup].sum(axis=1) * share
    return Outcome(in_time, kept, np.maximum(alone - rest_done, 0.0))


def _share(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def resampled(days: FloatArray, draws: int, seed: int) -> FloatArray:
    """Return so many days drawn from real ones, with replacement; the same for the same seed.

    Args:
        days: Shape (days, …), days at least 1.
    """
    chosen = np.random.default_rng(seed).integers(0, len(days), size=draws)
    return days[chosen]


def reach_share(
    latitude: ArrayLike,
    longitude: ArrayLike,
    origin: tuple[float, float],
    hours: float,
    speed_km_h: float,
    circuity: float,
) -> float | None:
    """Return the share of places that a vehicle reaches in time; None without a place.

    The way is the great circle (haversine) times the circuity of roads.

    Args:
        latitude, longitude: Of the places in degrees, shape (n,).
        origin: Latitude and longitude of the warehouse.
        hours: Between pick-up and the end of the promise.
    """
    lat, lon = (np.radians(np.asarray(one, dtype=np.float64)) for one in (latitude, longitude))
    if not len(lat):
        return None
    at, on = np.radians(origin)
    chord = np.sin((lat - at) / 2) ** 2 + np.cos(at) * np.cos(lat) * np.sin((lon - on) / 2) ** 2
    way = 2 * EARTH_KM * np.arcsin(np.sqrt(chord)) * circuity
    return float((way <= hours * speed_km_h).mean())


def break_even_fee(cost_per_order: float, attainment: float | None) -> float | None:
    """Return the fee per order that pays the cost, where only kept orders are charged."""
    return cost_per_order / attainment if attainment else None
