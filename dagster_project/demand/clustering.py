"""Clusters of demand series, with labels that survive a refit.

Gaussian mixtures whose number is chosen by BIC, or k-means by silhouette, on scaled features. The
fewest clusters win that no other number clearly beats. A refit keeps scale and, while that holds,
number; it begins where the previous fit ended and hands each cluster the label of the previous
cluster nearest to it (Hungarian method). The silhouette may prefer fewer clusters than there are.
"""

import warnings
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import silhouette_score
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from dagster_project.demand.series import FloatArray, IntArray
from dagster_project.errors import UsageError

TRAINING_ROWS = 20_000
"""Rows that a fit looks at, evenly spaced over the sorted features; the rest is only labelled."""
SILHOUETTE_ROWS = 5_000
"""The silhouette compares all pairs, so it looks at no more rows than this."""
CLEAR_GAIN = 0.02
"""More clusters must gain more than this: over many rows BIC alone would add them for ever."""

STARTS = 50
"""Starting points of k-means; the best of them is taken. Ten miss the best of iris."""
SMALLEST_VARIANCE = 1e-3
"""Added to each variance of a mixture, so that equal rows make no cluster of no width."""
MOST_STEPS = 200
"""Steps of a mixture at most."""


class Criterion(StrEnum):
    """How the number of clusters is chosen."""

    BIC = "BIC"
    SILHOUETTE = "SILHOUETTE"


MOVING_GAIN = {Criterion.BIC: 0.25, Criterion.SILHOUETTE: 0.1}
"""A refit changes the number only for more than this: with 500 series, two percent new ones made
another number look better by up to 0.12 of BIC per row, as mixtures end in different optima."""


@dataclass(frozen=True)
class Clustering:
    """A fit that can label series and be refitted.

    Attributes:
        labels: Label of each cluster, from 1; a label is never reused for another cluster.
        centres: Centre of each cluster in units of the features, shape (k, f).
        location, scale: Mean and standard deviation that scaled the features, shape (f,).
        scores: The criterion by number of clusters, higher is better: mean silhouette, or BIC per
            row with its sign changed.
        highest_label: Largest label ever given.
        model: The fitted estimator.
    """

    criterion: Criterion
    labels: IntArray
    centres: FloatArray
    location: FloatArray
    scale: FloatArray
    scores: dict[int, float]
    highest_label: int
    model: KMeans | GaussianMixture = field(repr=False)

    @property
    def k(self) -> int:
        """Number of clusters."""
        return len(self.labels)

    def predict(self, table: FloatArray) -> tuple[IntArray, FloatArray]:
        """Return label and probability of each row; k-means knows no probability, it says NaN."""
        scaled = (table - self.location) / self.scale
        if isinstance(self.model, GaussianMixture):
            chance = self.model.predict_proba(scaled)
            nearest = chance.argmax(axis=1)
            return self.labels[nearest], chance[np.arange(len(table)), nearest]
        return self.labels[self.model.predict(scaled)], np.full(len(table), np.nan)


def fit(
    table: FloatArray,
    numbers: range = range(2, 9),
    criterion: Criterion = Criterion.BIC,
    previous: Clustering | None = None,
    seed: int = 10,
) -> Clustering:
    """Cluster rows of features; the order of the rows does not matter.

    Args:
        table: Features without missing values, shape (n, f).
        numbers: Numbers of clusters to try; those not below the number of rows are left out.
        criterion: BIC fits Gaussian mixtures, SILHOUETTE fits k-means.
        previous: The fit whose number and labels are kept where they still hold.
        seed: Seed of the starting points.

    Raises:
        UsageError: A value is missing, or there are fewer than three distinct rows.
    """
    _check(table)
    if previous is None:
        location, scale = table.mean(axis=0), table.std(axis=0)
        scale = np.where(scale > 0, scale, 1.0)
    else:
        location, scale = previous.location, previous.scale
    rows = _training_rows((table - location) / scale)
    # One thread: sums over threads differ from machine to machine in their last digits.
    with threadpool_limits(limits=1):
        tried = {k: _fit_k(rows, k, criterion, seed, previous) for k in numbers if k < len(rows)}
        scores = {k: _score(rows, model, criterion) for k, model in tried.items()}
    model = tried[_choose(scores, criterion, previous)]
    centres = _centres(model) * scale + location
    labels, highest = _labels(centres, previous)
    return Clustering(criterion, labels, centres, location, scale, scores, highest, model)


def silhouettes(table: FloatArray, numbers: range, seed: int = 10) -> dict[int, float]:
    """Mean silhouette of k-means by number of clusters, on features as they are."""
    _check(table)
    with threadpool_limits(limits=1):
        fits = {k: _fit_k(table, k, Criterion.SILHOUETTE, seed) for k in numbers}
        return {k: _score(table, model, Criterion.SILHOUETTE) for k, model in fits.items()}


def _check(table: FloatArray) -> None:
    if not np.isfinite(table).all():
        raise UsageError(
            "The features hold a missing value.",
            "A series with too few demands cannot be placed.",
            "Leave it out; its class is UNDETERMINED.",
        )
    if len(np.unique(table, axis=0)) < 3:
        raise UsageError(
            "There is nothing to cluster.",
            f"{len(table)} rows have fewer than three distinct values.",
            "Wait for more series; the rule class needs no clusters.",
        )


def _training_rows(scaled: FloatArray) -> FloatArray:
    ordered = scaled[np.lexsort(scaled.T[::-1])]
    step = max(1, -(-len(ordered) // TRAINING_ROWS))
    return ordered[::step]


def _fit_k(
    rows: FloatArray,
    k: int,
    criterion: Criterion,
    seed: int,
    previous: Clustering | None = None,
) -> KMeans | GaussianMixture:
    before = previous.model if previous is not None and previous.k == k else None
    if criterion is Criterion.SILHOUETTE:
        if isinstance(before, KMeans):
            return KMeans(n_clusters=k, init=before.cluster_centers_, n_init=1).fit(rows)
        return KMeans(n_clusters=k, random_state=seed, n_init=STARTS).fit(rows)
    if isinstance(before, GaussianMixture):
        start = (before.weights_, before.means_, before.precisions_)
    else:
        start = _start(rows, KMeans(n_clusters=k, random_state=seed, n_init=STARTS).fit(rows))
    weights, means, precisions = start
    mixture = GaussianMixture(
        n_components=k,
        weights_init=weights,
        means_init=means,
        precisions_init=precisions,
        reg_covar=SMALLEST_VARIANCE,
        max_iter=MOST_STEPS,
        random_state=seed,
    )
    with warnings.catch_warnings():
        # A fit that is still creeping after so many steps is good enough to label by.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return mixture.fit(rows)


def _start(rows: FloatArray, groups: KMeans) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return weights, means and precisions of the groups that k-means found."""
    members = [rows[groups.labels_ == each] for each in range(groups.n_clusters)]
    weights = np.array([len(each) for each in members]) / len(rows)
    eye = np.eye(rows.shape[1])
    spreads = [
        np.atleast_2d(np.cov(each.T, bias=True)) + SMALLEST_VARIANCE * eye for each in members
    ]
    return weights, groups.cluster_centers_, np.linalg.inv(np.array(spreads))


def _score(rows: FloatArray, model: KMeans | GaussianMixture, criterion: Criterion) -> float:
    if criterion is Criterion.BIC:
        return -float(model.bic(rows)) / len(rows)
    labels = model.predict(rows)
    if len(np.unique(labels)) < 2:
        return -1.0
    size = SILHOUETTE_ROWS if len(rows) > SILHOUETTE_ROWS else None
    return float(silhouette_score(rows, labels, sample_size=size, random_state=0))


def _choose(scores: dict[int, float], criterion: Criterion, previous: Clustering | None) -> int:
    best = max(scores.values())
    fewest = min(k for k, score in scores.items() if best - score <= CLEAR_GAIN)
    if previous is not None:
        loss = best - scores.get(previous.k, -np.inf)
        return previous.k if loss <= MOVING_GAIN[criterion] else fewest
    return fewest


def _centres(model: KMeans | GaussianMixture) -> FloatArray:
    return model.means_ if isinstance(model, GaussianMixture) else model.cluster_centers_


def _labels(centres: FloatArray, previous: Clustering | None) -> tuple[IntArray, int]:
    """Match centres to the previous ones; what matches none gets a label never used before."""
    k = len(centres)
    if previous is None:
        labels = np.empty(k, dtype=np.int64)
        labels[np.lexsort(centres.T[::-1])] = np.arange(1, k + 1)
        return labels, k
    apart = (centres[:, None, :] - previous.centres[None, :, :]) / previous.scale
    new, old = linear_sum_assignment((apart**2).sum(axis=2))
    labels = np.zeros(k, dtype=np.int64)
    labels[new] = previous.labels[old]
    missing = np.flatnonzero(labels == 0)
    labels[missing] = previous.highest_label + 1 + np.arange(len(missing))
    return labels, previous.highest_label + len(missing)
