"""What the clustering looks at: five numbers per series that say nothing about its volume.

Add a feature when two series of one class should be told apart; it must not depend on the unit.
"""

import numpy as np

from dagster_project.demand.classes import Measures
from dagster_project.demand.series import BoolArray, DemandSeries, FloatArray, IntArray, divide

NAMES = ("log_adi", "log_cv2", "burstiness", "trend", "seasonality")
SMALLEST_CV2 = 1e-3
"""Equal sizes have CV2 zero, which has no logarithm; below this nobody tells them from equal."""
NEUTRAL_BURSTINESS = -1.0
"""Fewer than two intervals show no burst: as regular as can be."""


def features(series: DemandSeries, found: Measures, season: int = 12) -> FloatArray:
    """Return log ADI, log CV2, burstiness, trend and seasonality of each series, shape (n, 5).

    NaN in log ADI or log CV2 where the series says too little; such a series is not clustered.
    """
    return np.column_stack(
        [
            np.log(found.adi),
            np.log(np.maximum(found.cv2, SMALLEST_CV2)),
            np.nan_to_num(found.burstiness, nan=NEUTRAL_BURSTINESS),
            trend(series),
            seasonality(series, season),
        ]
    )


def trend(series: DemandSeries) -> FloatArray:
    """Correlation of demand with time, -1 to 1; 0 for a constant or very short series."""
    return _trend(series)[0]


def seasonality(series: DemandSeries, season: int = 12) -> FloatArray:
    """Share of the variance around the trend that the season explains, 0 to 1.

    Wang, Smith and Hyndman (2006), by seasonal means, adjusted for their number so that noise gives
    about zero. 0 for series of fewer than two seasons.

    Args:
        series: Demand per period.
        season: Periods in a season, 12 for months.
    """
    _, rest = _trend(series)
    position = series.row_period % season
    cell = series.row_series * season + position
    count = np.bincount(cell, minlength=series.n * season).astype(np.float64)
    total = np.bincount(cell, rest, series.n * season).astype(np.float64)
    mean = divide(total, count)
    noise = series.sum_of((rest - mean[cell]) ** 2)
    n = series.lengths.astype(np.float64)
    whole = series.sum_of(rest**2)
    # A remainder that is rounding error has no season.
    scale = np.maximum(series.sum_of(series.values**2), 1e-300)
    unexplained = divide(noise * (n - 1), whole * (n - season))
    usable = (n >= 2 * season) & (whole > 1e-12 * scale)
    return np.where(usable, np.clip(1 - unexplained, 0.0, 1.0), 0.0)


def _trend(series: DemandSeries) -> tuple[FloatArray, FloatArray]:
    """Return the correlation with time per series, and what the straight line leaves per value."""
    at, n = series.row_series, series.lengths.astype(np.float64)
    mean = np.nan_to_num(divide(series.sum_of(series.values), n))
    centred = series.values - mean[at]
    time = series.row_period - (n[at] + 1) / 2
    time_squared, squared = series.sum_of(time**2), series.sum_of(centred**2)
    together = series.sum_of(time * centred)
    usable = (n >= 3) & (squared > 1e-12 * np.maximum(series.sum_of(series.values**2), 1e-300))
    correlation = np.nan_to_num(divide(together, np.sqrt(time_squared * squared)))
    slope = np.nan_to_num(divide(together, time_squared))
    return np.where(usable, np.clip(correlation, -1, 1), 0.0), centred - slope[at] * time


def usable_rows(table: FloatArray, n_demands: IntArray, min_demands: int = 4) -> BoolArray:
    """Return which series can be clustered: enough demands and no missing feature."""
    return (n_demands >= min_demands) & np.isfinite(table).all(axis=1)
