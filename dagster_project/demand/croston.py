"""Forecasts of intermittent demand: Croston, SBA, SBJ and TSB, for many series at once.

Croston, ORQ 23 (1972); the Syntetos-Boylan approximation, IJF 21 (2005); Shale, Boylan and
Johnston, JORS 57 (2006); Teunter, Syntetos and Babai, EJOR 214 (2011). Each returns the demand per
period expected after the end of the series, in base units. The loops run over periods, never over
series.
"""

from collections.abc import Iterator

import numpy as np

from dagster_project.demand.series import BoolArray, DemandSeries, FloatArray, IntArray
from dagster_project.errors import UsageError


def croston(series: DemandSeries, alpha: float = 0.1) -> FloatArray:
    """Smoothed demand size over smoothed interval, both updated only when there is demand.

    Both begin with the first demand: its size, and its distance from the start of the series.

    Args:
        series: Demand per period.
        alpha: Smoothing constant of sizes and intervals, between 0 and 1.

    Returns:
        Demand per period, shape (n,); 0 for a series without demand.

    Raises:
        UsageError: ``alpha`` is not between 0 and 1.
    """
    _check(alpha)
    size, interval, since = np.zeros(series.n), np.zeros(series.n), np.zeros(series.n)
    for at, value in _steps(series):
        since[at] += 1
        hit, demand = at[value > 0], value[value > 0]
        first = size[hit] == 0
        size[hit] += np.where(first, 1.0, alpha) * (demand - size[hit])
        interval[hit] += np.where(first, 1.0, alpha) * (since[hit] - interval[hit])
        since[hit] = 0
    return np.divide(size, interval, out=np.zeros(series.n), where=interval > 0)


def sba(series: DemandSeries, alpha: float = 0.1) -> FloatArray:
    """Croston less its bias as approximated by Syntetos and Boylan: times ``1 - alpha / 2``."""
    return croston(series, alpha) * (1 - alpha / 2)


def sbj(series: DemandSeries, alpha: float = 0.1) -> FloatArray:
    """Croston less its bias for Poisson orders: times ``1 - alpha / (2 - alpha)``."""
    return croston(series, alpha) * (1 - alpha / (2 - alpha))


def tsb(series: DemandSeries, alpha: float = 0.1, beta: float = 0.1) -> FloatArray:
    """Smoothed size times smoothed probability; the probability falls in every empty period.

    Initialisation: the probability is 1 or 0 as the first period has demand or not, the size is the
    first demand. Packages differ here; on a series that begins with its first demand it is 1.

    Args:
        series: Demand per period.
        alpha: Smoothing constant of sizes.
        beta: Smoothing constant of the probability.

    Returns:
        Demand per period, shape (n,); 0 for a series without demand.

    Raises:
        UsageError: A constant is not between 0 and 1.
    """
    _check(alpha)
    _check(beta)
    size, chance = np.zeros(series.n), np.zeros(series.n)
    is_first = True
    for at, value in _steps(series):
        has: BoolArray = value > 0
        chance[at] += (1.0 if is_first else beta) * (has - chance[at])
        hit = at[has]
        size[hit] += np.where(size[hit] == 0, 1.0, alpha) * (value[has] - size[hit])
        is_first = False
    return size * chance


def _steps(series: DemandSeries) -> Iterator[tuple[IntArray, FloatArray]]:
    """Yield period by period the series that have it, and their demand in it."""
    longest_first = np.argsort(-series.lengths, kind="stable")
    lengths = series.lengths[longest_first]
    for period in range(int(lengths[0]) if len(lengths) else 0):
        at = longest_first[: np.searchsorted(-lengths, -period, side="left")]
        yield at, series.values[series.offsets[at] + period]


def _check(constant: float) -> None:
    if not 0 < constant <= 1:
        raise UsageError(
            "The smoothing constant is not usable.",
            f"It must lie above 0 and up to 1, found {constant:g}.",
            "Pass another one; 0.1 is usual.",
        )
