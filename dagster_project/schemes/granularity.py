"""How many segments: what one more explains, and what it costs in calm.

``quantile_frontier`` cuts a score into tiers, ``cluster_frontier`` groups features. Both find the
knee, after which another segment explains little more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from dagster_project.errors import UsageError
from dagster_project.schemes.fitness import variance_explained
from dagster_project.schemes.partitions import adjusted_rand_index, contingency
from dagster_project.segmentation.scores import FloatArray, IntArray, mid_rank_percentile

TIERS = range(2, 9)
MIN_CUSTOMER_SHARE = 0.03
MIN_REVENUE_SHARE = 0.05
"""A segment below both is too small to have a policy of its own."""

SILHOUETTE_ROWS = 5_000
"""The silhouette compares all pairs; more rows than this are thinned evenly."""


@dataclass(frozen=True)
class FrontierPoint:
    """One number of segments.

    ``explained``: share of the variance of the outcome between segments. ``kept``: share of
    customers in the same segment at the second look; ``agreement``: the adjusted Rand index of the
    two. ``smallest_share``: of customers, in the smallest segment. ``silhouette`` is for clusters.
    """

    segments: int
    explained: float | None
    kept: float | None
    agreement: float | None
    smallest_share: float
    is_large_enough: bool
    silhouette: float | None = None
    is_knee: bool = False


def quantile_tiers(score: FloatArray, segments: int) -> IntArray:
    """Tiers of about equal size by score, 0 the best; equal scores share a tier."""
    share = mid_rank_percentile(score)
    return segments - 1 - np.minimum((share * segments).astype(np.int64), segments - 1)


def quantile_frontier(
    score: FloatArray,
    later_score: FloatArray,
    outcome: FloatArray,
    revenue: FloatArray | None = None,
    tiers: Sequence[int] = TIERS,
) -> list[FrontierPoint]:
    """Cut a score into 2 to 8 tiers and weigh what they explain against how long they hold.

    Args:
        score: Score of each customer at the first look.
        later_score: Score of the same customers at the second look.
        outcome: What the tiers should tell apart, NaN where unknown.
        revenue: Revenue of each customer, for the smallest useful segment.
        tiers: Numbers of tiers to try, ascending.
    """
    if not len(score) == len(later_score) == len(outcome):
        raise UsageError("The scores are not of the same customers.", "", "Align them first.")
    found = []
    for count in tiers:
        now, later = quantile_tiers(score, count), quantile_tiers(later_score, count)
        met = contingency(now.tolist(), later.tolist())
        small, enough = _sizes(now, count, revenue)
        found.append(
            FrontierPoint(
                segments=count,
                explained=variance_explained(now.astype(str).tolist(), outcome).eta_squared,
                kept=float((now == later).mean()) if len(now) else None,
                agreement=adjusted_rand_index(met.counts) if len(now) else None,
                smallest_share=small,
                is_large_enough=enough,
            )
        )
    return _mark_knee(found)


def cluster_frontier(
    features: FloatArray, tiers: Sequence[int] = TIERS, seed: int = 0
) -> list[FrontierPoint]:
    """Group customers by features into 2 to 8 clusters.

    ``explained`` is the share of the variance of the features between clusters; ``kept`` and
    ``agreement`` compare with clusters found from one half of the customers. Neither depends on
    the order of the rows. Silhouette: P. J. Rousseeuw 1987.

    Args:
        features: Array (customers, features) without missing values, on comparable scales.
        tiers: Numbers of clusters to try, ascending.
        seed: Of the starting points.
    """
    from sklearn.metrics import silhouette_score

    order = np.lexsort(features.T[::-1])
    rows = features[order]
    thin = slice(None, None, max(1, len(rows) // SILHOUETTE_ROWS))
    total = float(((rows - rows.mean(axis=0)) ** 2).sum())
    found = []
    for count in tiers:
        centres, labels = cluster(rows, count, seed)
        half = align_centres(centres, cluster(rows[::2], count, seed)[0])
        other = nearest(rows, half)
        within = float(((rows - centres[labels]) ** 2).sum())
        small, enough = _sizes(labels, count, None)
        found.append(
            FrontierPoint(
                segments=count,
                explained=1.0 - within / total if total else None,
                kept=float((labels == other).mean()),
                agreement=adjusted_rand_index(contingency(labels.tolist(), other.tolist()).counts),
                smallest_share=small,
                is_large_enough=enough,
                silhouette=float(silhouette_score(rows[thin], labels[thin])),
            )
        )
    return _mark_knee(found)


def cluster(
    features: FloatArray, count: int, seed: int = 0, starts: int = 10
) -> tuple[FloatArray, IntArray]:
    """K-means centres in ascending order of their features, and the cluster of each row.

    The order of the rows changes neither. ``starts``: starting points of which the best is kept.
    """
    from sklearn.cluster import KMeans

    rows = features[np.lexsort(features.T[::-1])]
    with one_thread():
        fitted = KMeans(n_clusters=count, n_init=starts, random_state=seed).fit(rows)
    centres = fitted.cluster_centers_
    centres = centres[np.lexsort(centres.T[::-1])]
    return centres, nearest(features, centres)


def one_thread() -> Any:
    """Return a context in which libraries use one thread.

    Several threads add up in another order each time, and are slower on so few rows.
    """
    return _controller().limit(limits=1)


@cache
def _controller() -> Any:
    """Finding the loaded libraries takes longer than a small fit; it is done once."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def nearest(features: FloatArray, centres: FloatArray) -> IntArray:
    """Index of the nearest centre of each row."""
    distance = ((features[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
    return np.argmin(distance, axis=1)


def align_centres(known: FloatArray, found: FloatArray) -> FloatArray:
    """Order centres of a new fit like those of an earlier one, so that codes never swap."""
    from scipy.optimize import linear_sum_assignment

    distance = ((known[:, None, :] - found[None, :, :]) ** 2).sum(axis=2)
    return found[linear_sum_assignment(distance)[1]]


def knee(x: Sequence[float], y: Sequence[float]) -> int | None:
    """Position of the point furthest above the chord from first to last; None without a bend.

    Source: V. Satopaa et al., Finding a "Kneedle" in a Haystack, ICDCS Workshops 2011.
    """
    if len(x) < 3 or y[-1] <= y[0]:
        return None
    a, b = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    above = (b - b[0]) / (b[-1] - b[0]) - (a - a[0]) / (a[-1] - a[0])
    best = int(np.argmax(above))
    return best if above[best] > 1e-9 else None


def _mark_knee(found: list[FrontierPoint]) -> list[FrontierPoint]:
    known = [one for one in found if one.explained is not None]
    at = knee([one.segments for one in known], [one.explained or 0.0 for one in known])
    best = None if at is None else known[at].segments
    return [replace(one, is_knee=one.segments == best) for one in found]


def _sizes(labels: IntArray, count: int, revenue: FloatArray | None) -> tuple[float, bool]:
    """Share of customers of the smallest segment, and whether each is large in one way."""
    customers = np.bincount(labels, minlength=count) / max(1, len(labels))
    large = customers >= MIN_CUSTOMER_SHARE
    if revenue is not None and revenue.sum() > 0:
        large |= np.bincount(labels, revenue, minlength=count) / revenue.sum() >= MIN_REVENUE_SHARE
    return float(customers.min()), bool(large.all())
