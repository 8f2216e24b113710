"""The chart of individuals and moving ranges, and the interval of a share.

Pure functions on one series. ``dbt/macros/charts.sql`` says the same in SQL; a scenario compares.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

LIMIT_SCALE = 2.66
"""Natural limits in average moving ranges: 3 / 1.128, rounded as Wheeler does."""
RANGE_SCALE = 3.267
RUN = 8
"""So many values in a row on one side of the mean are a signal."""
Z_95 = 1.959963984540054


@dataclass(frozen=True)
class Limits:
    """Natural limits of a series, in its own unit.

    Attributes:
        mean: Of the values.
        average_range: Mean of the moving ranges, the steps between neighbours.
        lower, upper: Natural process limits, mean less and plus ``scale`` average ranges.
        range_limit: Upper limit of one moving range.
    """

    mean: float
    average_range: float
    lower: float
    upper: float
    range_limit: float


def natural_limits(values: ArrayLike, scale: float = LIMIT_SCALE) -> Limits:
    """Return the limits of a chart of individuals.

    Source: D. J. Wheeler, Understanding Variation (SPC Press, 2nd ed. 2000); NIST/SEMATECH
    e-Handbook of Statistical Methods, 6.3.2.2, which takes ``scale`` 3 / 1.128.

    Args:
        values: Shape (n,), in the order of time, n at least 2, no NaN.
        scale: Limits in average moving ranges.

    Raises:
        ValueError: Fewer than two values, or one that is no number.
    """
    series = _series(values)
    mean = float(series.mean())
    average_range = float(np.abs(np.diff(series)).mean())
    reach = scale * average_range
    return Limits(mean, average_range, mean - reach, mean + reach, average_range * RANGE_SCALE)


def signals(values: ArrayLike, limits: Limits) -> list[str | None]:
    """Say for each value which rule it breaks; the first of three that does, else None.

    One value beyond a limit; eight in a row on one side of the mean; three of four in a row nearer
    to one limit than to the mean (Wheeler, as above).

    Args:
        values: Shape (n,), in the order of time.
        limits: Of these values, or of an earlier phase of the same series.
    """
    series = _series(values, least=1)
    above, below = series > limits.mean, series < limits.mean
    near_upper = series > (limits.mean + limits.upper) / 2
    near_lower = series < (limits.mean + limits.lower) / 2
    found: list[str | None] = []
    for i, value in enumerate(series):
        run, four = slice(max(i - RUN + 1, 0), i + 1), slice(max(i - 3, 0), i + 1)
        rules = (
            ("BELOW_LIMIT", value < limits.lower),
            ("ABOVE_LIMIT", value > limits.upper),
            ("RUN_BELOW", below[run].sum() == RUN),
            ("RUN_ABOVE", above[run].sum() == RUN),
            ("NEAR_LOWER_LIMIT", near_lower[i] and near_lower[four].sum() >= 3),
            ("NEAR_UPPER_LIMIT", near_upper[i] and near_upper[four].sum() >= 3),
        )
        found.append(next((name for name, broken in rules if broken), None))
    return found


def wilson(successes: ArrayLike, n: ArrayLike, z: float = Z_95) -> tuple[FloatArray, FloatArray]:
    """Return lower and upper bound of a share, both of the shape of ``n``.

    Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209-212.

    Args:
        successes: How many of ``n`` succeeded.
        n: Above zero.
        z: Quantile of the normal distribution; 95 % by default.
    """
    count = np.asarray(n, dtype=np.float64)
    share = np.asarray(successes, dtype=np.float64) / count
    centre = share + z * z / (2 * count)
    spread = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return (centre - spread) / scale, (centre + spread) / scale


def _series(values: ArrayLike, least: int = 2) -> FloatArray:
    series = np.asarray(values, dtype=np.float64)
    if series.ndim != 1 or len(series) < least or np.isnan(series).any():
        raise ValueError(f"a chart needs at least {least} numbers in one row, got {values!r}")
    return series
