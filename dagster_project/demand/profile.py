"""One call from series to profile: measures, class, cluster, forecast by the routed method.

Where a fit of ETS is asked for, the forecast is left to the module that fits it.
"""

from dataclasses import dataclass

import numpy as np

from dagster_project.demand.classes import Classes, Limits, classes
from dagster_project.demand.clustering import Clustering, fit
from dagster_project.demand.croston import sba, tsb
from dagster_project.demand.features import features, usable_rows
from dagster_project.demand.series import DemandSeries, FloatArray, IntArray

NO_CLUSTER = 0
"""Label of a series with too few demands to be placed."""


@dataclass(frozen=True)
class Profile:
    """What is known of each series, arrays of shape (n,), features of shape (n, 5).

    Attributes:
        classes: Measures, class and forecast method.
        features: See ``features.NAMES``.
        cluster: Label of the cluster, ``NO_CLUSTER`` without one.
        cluster_probability: How sure the label is; NaN without one.
        sba, tsb: Demand per period expected by the two intermittent methods.
        clustering: The fit, to be handed to the next call so that labels stay.
    """

    classes: Classes
    features: FloatArray
    cluster: IntArray
    cluster_probability: FloatArray
    sba: FloatArray
    tsb: FloatArray
    clustering: Clustering | None


def profile(
    series: DemandSeries,
    limits: Limits | None = None,
    previous: Clustering | None = None,
    season: int = 12,
) -> Profile:
    """Profile every series.

    Args:
        series: Demand per period as ordered.
        limits: The policy; its defaults are those of the seed.
        previous: The clustering of the last run.
        season: Periods in a season, 12 for months and 52 for weeks.

    Returns:
        The profile; no clusters where fewer than three different series can be placed.
    """
    limits = limits or Limits()
    found = classes(series, limits)
    table = features(series, found.measures, season)
    placed = usable_rows(table, found.measures.n_demands, limits.min_demands)
    cluster, chance = np.full(series.n, NO_CLUSTER), np.full(series.n, np.nan)
    clustering = None
    if len(np.unique(table[placed], axis=0)) >= 3:
        clustering = fit(table[placed], previous=previous)
        cluster[placed], chance[placed] = clustering.predict(table[placed])
    return Profile(found, table, cluster, chance, sba(series), tsb(series), clustering)
