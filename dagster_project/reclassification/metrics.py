"""Metrics over windows of a monthly matrix.

A metric is a matrix of customers x periods; a rule reads an aggregate of its last columns. What is
missing is NaN; imputed values carry a confidence below one and count only for rules that say so.
"""

from dataclasses import dataclass

import numpy as np

from dagster_project.reclassification.vocabulary import UNITS
from dagster_project.segmentation.scores import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Span:
    """A window: ``n`` units that end ``offset`` units before the last period."""

    n: int
    unit: str = "MONTH"
    offset: int = 0

    @property
    def columns(self) -> int:
        """Columns of the matrix that the window covers."""
        return self.n * UNITS[self.unit]

    def slice_at(self, last: int, back: int = 0) -> slice:
        """Columns of the window, or of the one ``back`` windows before it."""
        end = last + 1 - self.offset * UNITS[self.unit] - back * self.columns
        return slice(max(end - self.columns, 0), max(end, 0))


@dataclass(frozen=True)
class Metric:
    """Values of customers (rows) by period (columns); NaN is missing.

    ``denominator`` makes a metric fit for ``RATIO``; ``confidence`` is 1 where it is left out.
    """

    values: FloatArray
    denominator: FloatArray | None = None
    confidence: FloatArray | None = None


def aggregate(
    metric: Metric, aggregation: str, columns: slice, min_confidence: float = 1.0
) -> tuple[FloatArray, IntArray]:
    """Return the aggregate of each customer over the columns, and its number of observations.

    ``P50`` and ``P90`` interpolate linearly between order statistics (Hyndman and Fan 1996, type
    7). ``TREND`` is the least-squares slope per period. ``LAST`` is the newest value present.

    Raises:
        ValueError: ``RATIO`` of a metric without denominator, or an unknown aggregation.
    """
    values = metric.values[:, columns]
    seen = ~np.isnan(values)
    if metric.confidence is not None:
        seen &= metric.confidence[:, columns] >= min_confidence
    if aggregation == "RATIO":
        return _ratio(metric, values, seen, columns)
    count = seen.sum(axis=1)
    if aggregation == "COUNT":
        return count.astype(np.float64), count
    if aggregation == "LAST":
        return _last(values, seen), count
    if aggregation in ("SUM", "AVG"):
        total = np.where(seen, values, 0.0).sum(axis=1)
        total[count == 0] = np.nan
        return (total if aggregation == "SUM" else total / np.maximum(count, 1)), count
    if aggregation in ("P50", "P90"):
        return _quantile(values, seen, count, int(aggregation[1:]) / 100), count
    if aggregation == "TREND":
        return _trend(values, seen, count), count
    raise ValueError(f"unknown aggregation {aggregation}")


def _ratio(
    metric: Metric, values: FloatArray, seen: BoolArray, columns: slice
) -> tuple[FloatArray, IntArray]:
    if metric.denominator is None:
        raise ValueError("RATIO needs a metric with a denominator")
    below = metric.denominator[:, columns]
    seen = seen & ~np.isnan(below)
    total = np.where(seen, below, 0.0).sum(axis=1)
    above = np.where(seen, values, 0.0).sum(axis=1)
    return np.where(total == 0, np.nan, above / np.where(total == 0, 1.0, total)), seen.sum(axis=1)


def _last(values: FloatArray, seen: BoolArray) -> FloatArray:
    result = np.full(len(values), np.nan)
    for column in range(values.shape[1]):
        np.copyto(result, values[:, column], where=seen[:, column])
    return result


def _quantile(values: FloatArray, seen: BoolArray, count: IntArray, share: float) -> FloatArray:
    if not values.shape[1]:
        return np.full(len(values), np.nan)
    ordered = np.sort(np.where(seen, values, np.inf), axis=1)
    place = share * np.maximum(count - 1, 0)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(count - 1, 0))
    pair = np.take_along_axis(ordered, np.stack([low, high], axis=1), axis=1)
    pair = np.where(count[:, None] == 0, np.nan, pair)
    return pair[:, 0] + (place - low) * (pair[:, 1] - pair[:, 0])


def _trend(values: FloatArray, seen: BoolArray, count: IntArray) -> FloatArray:
    x = np.where(seen, np.arange(values.shape[1], dtype=np.float64), 0.0)
    y = np.where(seen, values, 0.0)
    n = np.maximum(count, 1)
    sx, sy = x.sum(axis=1), y.sum(axis=1)
    spread = n * (x * x).sum(axis=1) - sx * sx
    slope = (n * (x * y).sum(axis=1) - sx * sy) / np.where(spread == 0, 1.0, spread)
    return np.where(spread == 0, np.nan, slope)
