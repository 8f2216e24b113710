"""Is a division into clusters more than chance, and what does one more cluster cost?

Pure functions on arrays; the frontier over numbers of clusters is in ``granularity.py``.
"""

import numpy as np

from dagster_project.schemes.granularity import cluster, nearest, one_thread
from dagster_project.segmentation.scores import FloatArray, IntArray

ROWS = 1_000
"""More rows than this are thinned evenly: a draw of clusters is repeated many times."""

STARTS = 3
"""Starting points per draw."""


def bootstrap_jaccard(
    features: FloatArray, count: int, draws: int = 20, seed: int = 0
) -> FloatArray:
    """Return how well each cluster is found again in samples drawn with replacement.

    For each draw and each cluster, the largest Jaccard coefficient with a cluster of the draw, over
    the customers drawn; then the mean over draws. At 0.75 and above a cluster is stable.
    Source: C. Hennig, Cluster-wise assessment of cluster stability, CSDA 52 (2007).

    Args:
        features: Array (customers, features) without missing values.
        count: Number of clusters.
        draws: Samples.
        seed: Of the draws and of the starting points.

    Returns:
        Array (count,) in the order of ``cluster``; the order of the rows does not matter.
    """
    rows = thinned(features)
    _, labels = cluster(rows, count, seed)
    generator = np.random.default_rng(seed)
    found = np.zeros((draws, count))
    for draw in range(draws):
        drawn = generator.integers(0, len(rows), len(rows))
        unique = np.unique(drawn)
        if len(np.unique(rows[drawn], axis=0)) < count:
            continue
        centres, _ = cluster(rows[drawn], count, seed, STARTS)
        found[draw] = _best_overlap(labels[unique], nearest(rows[unique], centres), count)
    return found.mean(axis=0)


def _best_overlap(first: IntArray, second: IntArray, count: int) -> FloatArray:
    """Largest Jaccard coefficient of each cluster of the first with one of the second."""
    both = np.bincount(first * count + second, minlength=count * count).reshape(count, count)
    either = both.sum(axis=1)[:, None] + both.sum(axis=0)[None, :] - both
    share = np.divide(both, either, out=np.zeros(both.shape), where=either > 0)
    return share.max(axis=1)


def gaussian_bic(features: FloatArray, count: int, seed: int = 0) -> float:
    """Return the Bayesian information criterion of a mixture of so many Gaussians; less is better.

    Source: G. Schwarz, Estimating the Dimension of a Model, Annals of Statistics 6 (1978).
    """
    from sklearn.mixture import GaussianMixture

    rows = thinned(features)
    centres, _ = cluster(rows, count, seed)
    with one_thread():
        fitted = GaussianMixture(
            count, covariance_type="diag", means_init=centres, reg_covar=1e-4, random_state=seed
        ).fit(rows)
    return float(fitted.bic(rows))


def thinned(features: FloatArray) -> FloatArray:
    """Return the rows in one order, evenly thinned to ``ROWS``."""
    rows = features[np.lexsort(features.T[::-1])]
    return rows[:: max(1, -(-len(rows) // ROWS))]


def policy_cells(segments: int, policies_per_segment: int, places: int) -> int:
    """Return how many policies somebody must keep: segments x policies x places that ship."""
    return segments * policies_per_segment * max(1, places)


def complexity_cost(
    segments: int, cells: int, hours_per_cell: float, hourly_rate: float, setup_cost: float
) -> float:
    """Return what so many segments cost in the first year: upkeep of the cells and set-up."""
    return cells * hours_per_cell * hourly_rate + segments * setup_cost
