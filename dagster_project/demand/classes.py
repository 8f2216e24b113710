"""What kind of demand a series is: interval, variability, class, forecast method.

Measures and limits follow Syntetos, Boylan and Croston, "On the categorization of demand
patterns", JORS 56 (2005); burstiness follows Goh and Barabasi, EPL 81 (2008). Add a measure when a
class or a cluster needs it. Forecasts are in ``croston.py``.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from dagster_project.demand.series import (
    BoolArray,
    DemandSeries,
    FloatArray,
    IntArray,
    divide,
)

DECIMALS = 10
"""Measures are compared as they are kept, to ten decimals, so that equal means equal."""


class DemandClass(StrEnum):
    """Rhythm by size, and the class for series that say too little."""

    SMOOTH = "SMOOTH"
    ERRATIC = "ERRATIC"
    INTERMITTENT = "INTERMITTENT"
    LUMPY = "LUMPY"
    UNDETERMINED = "UNDETERMINED"


FORECAST_METHOD = {
    DemandClass.SMOOTH: "AUTO_ETS",
    DemandClass.ERRATIC: "SES",
    DemandClass.INTERMITTENT: "SBA",
    DemandClass.LUMPY: "SBA",
    DemandClass.UNDETERMINED: "EMPIRICAL_BAYES",
}
"""Method by class; an obsolete series goes to TSB, which alone decays while nothing is ordered."""
OBSOLETE_METHOD = "TSB"


@dataclass(frozen=True)
class Limits:
    """The limits of ``seeds/policy/demand_class_rule.csv``; a value equal to one is above it."""

    adi: float = 1.32
    cv2: float = 0.49
    min_demands: int = 4
    last_quarter_periods: int = 3
    obsolete_min_periods: int = 6
    obsolete_adi_multiple: float = 3.0
    mega_order_multiple: float = 10.0


@dataclass(frozen=True)
class Measures:
    """Statistics of each series, all of shape (n,); NaN where the series says too little.

    Attributes:
        n_periods: Periods from the start of the series.
        n_demands: Periods with demand.
        adi: Mean interval between demands in periods; the first counts from the series' start.
        cv2: Squared coefficient of variation (n - 1) of the non-zero demands; two are needed.
        burstiness: (s - m) / (s + m) of the intervals between demands, -1 to 1; three demands.
        zero_share_last_quarter: Share of the last periods without demand.
        trailing_zeros: Periods since the last demand.
    """

    n_periods: IntArray
    n_demands: IntArray
    adi: FloatArray
    cv2: FloatArray
    burstiness: FloatArray
    zero_share_last_quarter: FloatArray
    trailing_zeros: IntArray


def measures(series: DemandSeries, last_quarter_periods: int = 3) -> Measures:
    """Measure each series; see ``Measures`` for the formulas."""
    demanded = series.values > 0
    n_demands = series.sum_of(demanded.astype(np.float64)).astype(np.int64)
    last = np.zeros(series.n, dtype=np.int64)
    # Rows are in order of time, so the last assignment to a series is its last demand.
    last[series.row_series[demanded]] = series.row_period[demanded]
    months_ago = series.lengths[series.row_series] - series.row_period
    recent = months_ago < last_quarter_periods
    recent_zeros = series.sum_of((~demanded).astype(np.float64), recent)
    return Measures(
        n_periods=series.lengths,
        n_demands=n_demands,
        adi=divide(last.astype(np.float64), n_demands.astype(np.float64)),
        cv2=cv2(series, demanded),
        burstiness=_burstiness(series, demanded),
        zero_share_last_quarter=divide(
            recent_zeros, np.minimum(series.lengths, last_quarter_periods).astype(np.float64)
        ),
        trailing_zeros=series.lengths - last,
    )


def cv2(series: DemandSeries, chosen: BoolArray) -> FloatArray:
    """Squared coefficient of variation (n - 1) of the chosen values of each series; NaN below two.

    Made of sums in one division, so that whole quantities give the exact value on the limit.
    """
    n = series.sum_of(chosen.astype(np.float64))
    total = series.sum_of(series.values, chosen)
    squared = series.sum_of(series.values**2, chosen)
    spread = np.maximum(n * (n * squared - total * total), 0.0)
    return np.where(n >= 2, divide(spread, (n - 1) * (total * total)), np.nan)


def _burstiness(series: DemandSeries, demanded: BoolArray) -> FloatArray:
    """Of the intervals between demands; the wait for the first demand is not one of them."""
    at, period = series.row_series[demanded], series.row_period[demanded]
    same = np.diff(at) == 0
    of, gap = at[1:][same], np.diff(period)[same].astype(np.float64)
    n = np.bincount(of, minlength=series.n).astype(np.float64)
    total = np.bincount(of, gap, series.n)
    spread = np.sqrt(n * np.bincount(of, gap * gap, series.n) - total * total)
    return np.where(n >= 2, divide(spread - total, spread + total), np.nan)


def classify(adi: FloatArray, cv2: FloatArray, n_demands: IntArray, limits: Limits) -> NDArray:
    """Return the class of each series as text, shape (n,).

    Fewer demands than ``limits.min_demands`` give UNDETERMINED; a value equal to a limit belongs to
    the upper class.
    """
    few = n_demands < limits.min_demands
    rare = np.round(adi, DECIMALS) >= limits.adi
    varies = np.round(cv2, DECIMALS) >= limits.cv2
    names = [
        DemandClass.UNDETERMINED,
        DemandClass.LUMPY,
        DemandClass.INTERMITTENT,
        DemandClass.ERRATIC,
    ]
    return np.select([few, rare & varies, rare, varies], [str(name) for name in names], "SMOOTH")


def is_obsolete(found: Measures, limits: Limits) -> BoolArray:
    """Silent for long, and for a multiple of the series' own interval; never without a demand."""
    silent = found.trailing_zeros >= limits.obsolete_min_periods
    adi = np.where(found.n_demands > 0, found.adi, np.inf)
    return silent & (found.trailing_zeros >= limits.obsolete_adi_multiple * adi)


def one_off(series: DemandSeries, limits: Limits) -> BoolArray:
    """Flag demands of at least ``mega_order_multiple`` times the median demand of their series.

    Only series that would keep a class without one of them. Shape of ``series.values``.
    """
    demanded = np.flatnonzero(series.values > 0)
    of = series.row_series[demanded]
    order = np.lexsort((series.values[demanded], of))
    sizes = series.values[demanded][order]
    n = np.bincount(of, minlength=series.n)
    begin = np.cumsum(n) - n
    has = n > 0
    median = np.full(series.n, np.nan)
    upper, lower = begin[has] + n[has] // 2, begin[has] + (n[has] - 1) // 2
    median[has] = (sizes[lower] + sizes[upper]) / 2
    limit = np.where(n > limits.min_demands, limits.mega_order_multiple * median, np.inf)
    return (series.values > 0) & (series.values >= limit[series.row_series])


def cleanse(series: DemandSeries, flagged: BoolArray) -> DemandSeries:
    """Pull flagged periods down to the mean of the demands that are not flagged.

    Args:
        series: The series as ordered; it is left as it is.
        flagged: Promotions and one-off orders, shape of ``series.values``.

    Returns:
        The same periods; unchanged where every demand of a series is flagged.
    """
    usual = (series.values > 0) & ~flagged
    mean = divide(series.sum_of(series.values, usual), series.sum_of(usual.astype(float)))
    ceiling = np.where(np.isnan(mean), np.inf, mean)[series.row_series]
    return series.with_values(np.where(flagged, np.minimum(series.values, ceiling), series.values))


@dataclass(frozen=True)
class Classes:
    """Class of each series with and without its one-off orders, all of shape (n,)."""

    measures: Measures
    demand_class: NDArray
    has_one_off: BoolArray
    cv2_without_one_off: FloatArray
    class_without_one_off: NDArray
    is_obsolete: BoolArray
    forecast_method: NDArray


def classes(series: DemandSeries, limits: Limits | None = None) -> Classes:
    """Measure and classify each series; see ``Limits`` for the rules."""
    limits = limits or Limits()
    found = measures(series, limits.last_quarter_periods)
    mega = one_off(series, limits)
    kept = (series.values > 0) & ~mega
    n_kept = series.sum_of(kept.astype(np.float64)).astype(np.int64)
    cv2_kept = cv2(series, kept)
    name = classify(found.adi, found.cv2, found.n_demands, limits)
    obsolete = is_obsolete(found, limits)
    routed = np.select(
        [name == each for each in FORECAST_METHOD], list(FORECAST_METHOD.values()), ""
    )
    determined = name != DemandClass.UNDETERMINED
    return Classes(
        measures=found,
        demand_class=name,
        has_one_off=series.sum_of(mega.astype(np.float64)) > 0,
        cv2_without_one_off=cv2_kept,
        class_without_one_off=classify(found.adi, cv2_kept, n_kept, limits),
        is_obsolete=obsolete,
        forecast_method=np.where(obsolete & determined, OBSOLETE_METHOD, routed),
    )
