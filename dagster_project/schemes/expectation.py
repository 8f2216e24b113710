"""Do the segments tell apart what customers say they need?

Answers to questions about expected service, per customer and question, against the segment that the
customer is in. Pure functions on arrays; where the answers come from is in ``feedback.py``.
"""

from dataclasses import dataclass

import numpy as np

from dagster_project.schemes.granularity import cluster
from dagster_project.segmentation.scores import (
    BoolArray,
    FloatArray,
    IntArray,
    mid_rank_percentile,
)


@dataclass(frozen=True)
class Separation:
    """Kruskal-Wallis H, its p, and the share of rank variance between segments; None if unknown."""

    h: float | None
    p: float | None
    epsilon_squared: float | None
    entities: int


def separation(values: FloatArray, segment: IntArray) -> Separation:
    """Return how far an expectation differs between segments.

    Epsilon squared is H / (n - 1): 0 for none, 1 for all of the variance of ranks. Sources: W. H.
    Kruskal and W. A. Wallis, JASA 47 (1952); T. L. Kelley, PNAS 21 (1935).

    Args:
        values: One per customer, NaN without an answer.
        segment: Number of the segment of each.
    """
    from scipy.stats import kruskal

    known = ~np.isnan(values)
    groups = [values[known & (segment == one)] for one in np.unique(segment[known])]
    n = int(known.sum())
    if len(groups) < 2 or len(np.unique(values[known])) < 2:
        return Separation(None, None, None, n)
    h, p = kruskal(*groups)
    return Separation(float(h), float(p), float(h) / (n - 1), n)


def stated_need(
    expectations: FloatArray, importance: FloatArray, is_higher_harder: BoolArray
) -> FloatArray:
    """Return how demanding each customer is: 0 least, 1 most; NaN without any answer.

    The mean percentile of its expectations, weighted by how much each matters to it.

    Args:
        expectations: Shape (customers, questions), NaN without an answer.
        importance: Same shape; an unknown or zero importance counts as one.
        is_higher_harder: Per question, whether more is harder to serve.
    """
    percentile = np.full(expectations.shape, np.nan)
    for k in range(expectations.shape[1]):
        known = ~np.isnan(expectations[:, k])
        share = mid_rank_percentile(expectations[known, k])
        percentile[known, k] = share if is_higher_harder[k] else 1.0 - share
    known = ~np.isnan(percentile)
    weight = np.where(known, np.where(importance > 0, importance, 1.0), 0.0)
    total = weight.sum(axis=1)
    scored = (np.where(known, percentile, 0.0) * weight).sum(axis=1)
    return np.divide(scored, total, out=np.full(len(total), np.nan), where=total > 0)


def need_class(need: FloatArray, classes: int) -> IntArray:
    """Return the class of each need, 1 the most demanding; 0 where nothing is known.

    Clusters of the need itself, in order; fewer than asked for where fewer needs differ.
    """
    known = ~np.isnan(need)
    values = need[known][:, None]
    found = np.zeros(len(need), dtype=np.int64)
    count = min(classes, len(np.unique(values)))
    if count:
        # Centres come in ascending order, so the last cluster is the most demanding.
        found[known] = count - cluster(values, count)[1]
    return found


def weighted_kappa(rank: IntArray, need: IntArray) -> float | None:
    """Return how far tier and need agree beyond chance; a miss counts by its distance squared.

    Source: J. Cohen, Weighted kappa, Psychological Bulletin 70 (1968).

    Args:
        rank: Tier of each customer, 1 the best; 0 is left out.
        need: Class of its need; 0 is left out.

    Returns:
        None where one of the two does not vary.
    """
    from sklearn.metrics import cohen_kappa_score

    both = (rank > 0) & (need > 0)
    if len(np.unique(rank[both])) < 2 or len(np.unique(need[both])) < 2:
        return None
    labels = np.arange(1, int(max(rank[both].max(), need[both].max())) + 1)
    return float(cohen_kappa_score(rank[both], need[both], labels=labels, weights="quadratic"))


@dataclass(frozen=True)
class Served:
    """Shares of those with a tier and a need, by customers and by revenue; None for nobody."""

    over: float | None
    under: float | None
    over_revenue: float | None
    under_revenue: float | None


def served(rank: IntArray, need: IntArray, revenue: FloatArray, tolerance: int = 1) -> Served:
    """Return who gets more or less than asked for by more than so many classes."""
    both = (rank > 0) & (need > 0)
    if not both.any():
        return Served(None, None, None, None)
    over = need[both] - rank[both] > tolerance
    under = rank[both] - need[both] > tolerance
    money = np.maximum(revenue[both], 0.0)
    total = float(money.sum())
    shares = [float(money[part].sum()) / total if total > 0 else None for part in (over, under)]
    return Served(float(over.mean()), float(under.mean()), *shares)
