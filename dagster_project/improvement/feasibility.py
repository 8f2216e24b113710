"""Could a premium service be kept? Hours of arrivals against hours of capacity, on real days.

The backlog of an hour is what was there, plus what came, less what was done:
B_h = max(0, B_{h-1} + A_h - C_h), the recursion of a queue in whole hours (Newell, *Applications of
Queueing Theory*, 1982). Orders of the service go first; what they take the others lack.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dagster_project.analytics.inputs import BoolArray, FloatArray

HOURS = 24
EARTH_KM = 6371.0088
PEAK = 95
"""Percentile of the days that is reported, by orders that arrive."""


@dataclass(frozen=True)
class Outcome:
    """What days of arrivals come to; arrays of shape (days,) unless said otherwise.

    ``asked``: orders of the service that came by its cut-off; ``kept``: of them done by the
    pick-up; ``last_asked`` and ``last_kept``: the same of the hour before the cut-off;
    ``displaced``: orders of others that leave later than they would without the service, shape
    (kinds, days); ``spare``: orders more that could have been done by the pick-up.
    """

    asked: FloatArray
    kept: FloatArray
    last_asked: FloatArray
    last_kept: FloatArray
    displaced: FloatArray
    spare: FloatArray

    @property
    def attainment(self) -> float | None:
        """Share of all that came by the cut-off."""
        return _ratio(self.kept, self.asked)

    @property
    def last_hour_attainment(self) -> float | None:
        """Share of those that came in the hour before the cut-off."""
        return _ratio(self.last_kept, self.last_asked)

    @property
    def peak_orders(self) -> float:
        """Orders by the cut-off of a day that 95 of 100 days do not exceed."""
        return float(np.percentile(self.asked, PEAK))

    def on_peak(self) -> float | None:
        """Share on the days with as many orders as the 95th percentile, or more."""
        busy = self.asked >= self.peak_orders
        return _ratio(self.kept[busy], self.asked[busy])


def _ratio(part: FloatArray, whole: FloatArray) -> float | None:
    return float(part.sum() / whole.sum()) if whole.sum() else None


def carried(arrivals: ArrayLike, is_open: BoolArray, close: int) -> FloatArray:
    """Return the arrivals of the open days; what came when nobody worked is there in hour 0.

    Args:
        arrivals: Orders by day and hour, shape (days, hours), the days in the order of time.
        is_open: Days on which goods are picked, shape (days,).
        close: First hour of an open day in which they no longer are.

    Returns:
        Shape (open days, hours). What comes after the last open day is not counted.
    """
    came = np.array(arrivals, dtype=np.float64)
    late = np.where(is_open, came[:, close:].sum(axis=1), came.sum(axis=1))
    opened = np.flatnonzero(is_open)
    waiting = np.concatenate([[0.0], np.cumsum(late)])[opened]
    days = came[opened]
    days[:, close:] = 0.0
    days[:, 0] += np.diff(waiting, prepend=0.0)
    return days


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


def done_share(arrivals: ArrayLike, capacity: ArrayLike, until: int) -> FloatArray:
    """Return the share of the orders of each hour that is done before an hour.

    It is the chance of an order that came in that hour, since those that came first are done first.

    Args:
        arrivals: Orders by day and hour, shape (days, hours).
        capacity: Orders that can be done by hour, of the same last length.
        until: First hour that no longer counts.
    """
    came = np.asarray(arrivals, dtype=np.float64)
    done = served(came, capacity)[:, :until].sum(axis=1, keepdims=True)
    before = np.cumsum(came, axis=1) - came
    return _share(np.clip(done - before, 0.0, came), came)


def replay(
    premium: ArrayLike, others: ArrayLike, capacity: ArrayLike, cutoff: int, pickup: int
) -> Outcome:
    """Return what days come to when orders of the service go first.

    Args:
        premium: Orders of the service by day and hour, shape (days, 24).
        others: All other orders by kind, such as their segment, shape (kinds, days, 24); among
            themselves they are done as they come.
        capacity: Orders that can be done by hour, shape (24,).
        cutoff: First hour whose orders are too late for the service; at least 1.
        pickup: First hour that is too late for the carrier.
    """
    first = np.asarray(premium, dtype=np.float64)
    kinds = np.asarray(others, dtype=np.float64)
    rest = kinds.sum(axis=0)
    together = first + rest
    able = np.broadcast_to(np.asarray(capacity, dtype=np.float64), first.shape)
    kept = first * done_share(first, able, pickup)
    rest_through = done_share(rest, able - served(first, able), pickup)
    alone_through = done_share(together, able, pickup)
    return Outcome(
        asked=first[:, :cutoff].sum(axis=1),
        kept=kept[:, :cutoff].sum(axis=1),
        last_asked=first[:, cutoff - 1],
        last_kept=kept[:, cutoff - 1],
        displaced=(kinds * np.maximum(alone_through - rest_through, 0.0)).sum(axis=2),
        spare=(able - served(together, able))[:, :pickup].sum(axis=1),
    )


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


def incremental_cost(per_order: float, per_day: float, orders_per_day: float) -> float | None:
    """Return what an order costs more, a shift of its own shared by the orders of a day.

    None where no order shares the shift. All in one currency.
    """
    return per_order + per_day / orders_per_day if orders_per_day else None


def break_even_fee(cost_per_order: float | None, attainment: float | None) -> float | None:
    """Return the fee per order that pays the cost, where only kept orders are charged."""
    return cost_per_order / attainment if attainment and cost_per_order is not None else None
