"""Clusters with a name: the seed ``demand_cluster_reference.csv`` as the fit that all fits follow.

A fit begins at these centres and gives its clusters their labels, so labels are a function of the
data and of policy alone: nothing has to be remembered from an earlier run.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dagster_project.demand.features import NAMES, SMALLEST_CV2
from dagster_project.demand.mixture import Mixture
from dagster_project.demand.series import FloatArray, IntArray
from dagster_project.errors import UsageError

COLUMNS = ("adi", "cv2", "burstiness", "trend", "seasonality")
"""Columns of the seed, in the order of ``features.NAMES``; the first two are kept without log."""
LIMITS = {
    "adi": (1.0, 1e6),
    "cv2": (0.0, 1e6),
    "burstiness": (-1.0, 1.0),
    "trend": (-1.0, 1.0),
    "seasonality": (0.0, 1.0),
}
TRAINING_ROWS = 4_000
"""Series that a fit looks at, evenly spaced over the sorted features; more change it little."""
OTHERS = 1
"""A fit also tries as many clusters more and fewer as this."""


@dataclass(frozen=True)
class Reference:
    """Labels by cluster, and centres in features, shape (k, 5)."""

    labels: dict[int, str]
    centres: FloatArray

    @property
    def ids(self) -> IntArray:
        """Numbers of the clusters, shape (k,)."""
        return np.array(list(self.labels), dtype=np.int64)


def parse_reference(rows: Iterable[Mapping[str, Any]]) -> Reference:
    """Return the named clusters of the policy, ordered by number.

    Raises:
        UsageError: There are fewer than two, a number or label stands there twice, or a value is
            none or outside its range.
    """
    ordered = sorted(rows, key=lambda row: int(row["cluster_id"]))
    for name in ("cluster_id", "cluster_label"):
        given = [row[name] for row in ordered]
        twice = next((value for value in given if given.count(value) > 1), None)
        if twice is not None:
            raise _wrong(twice, name, "stands there twice", twice)
    if len(ordered) < 2:
        raise _wrong("-", "cluster_id", "expected two clusters or more", len(ordered))
    values = np.array([[_number(row, name) for name in COLUMNS] for row in ordered])
    values[:, 0] = np.log(values[:, 0])
    values[:, 1] = np.log(np.maximum(values[:, 1], SMALLEST_CV2))
    assert len(NAMES) == values.shape[1]
    return Reference({int(row["cluster_id"]): str(row["cluster_label"]) for row in ordered}, values)


def fit_from_reference(table: FloatArray, reference: Reference) -> Mixture | None:
    """Fit a mixture that begins at the named clusters.

    Args:
        table: Features of the training series, shape (n, 5), in any order.
        reference: The named clusters; their spread scales the features.

    Returns:
        The fit; None where no more series differ than there are clusters at least.
    """
    k = len(reference.ids)
    fewest = max(2, k - OTHERS)
    if len(np.unique(table, axis=0)) <= fewest:
        return None
    # scikit-learn takes a second to import and is needed only for a fit.
    from sklearn.mixture import GaussianMixture

    from dagster_project.demand.clustering import Clustering, Criterion, fit

    location, spread = reference.centres.mean(axis=0), reference.centres.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    start = GaussianMixture(n_components=len(reference.ids))
    start.weights_ = np.full(len(reference.ids), 1 / len(reference.ids))
    start.means_ = (reference.centres - location) / scale
    # Clusters begin half as wide as the centres lie apart.
    start.precisions_ = np.repeat(4 * np.eye(len(COLUMNS))[None], len(reference.ids), axis=0)
    named = Clustering(
        Criterion.BIC,
        reference.ids,
        reference.centres,
        location,
        scale,
        {},
        int(reference.ids.max()),
        start,
    )
    ordered = table[np.lexsort(table.T[::-1])]
    rows = ordered[:: max(1, -(-len(ordered) // TRAINING_ROWS))]
    found = fit(rows, range(fewest, k + OTHERS + 1), previous=named)
    model = found.model
    assert isinstance(model, GaussianMixture)
    return Mixture(
        found.labels, model.weights_, model.means_, model.precisions_cholesky_, location, scale
    )


def _number(row: Mapping[str, Any], name: str) -> float:
    low, high = LIMITS[name]
    try:
        value = float(row[name])
    except (TypeError, ValueError, KeyError) as error:
        raise _wrong(row.get("cluster_id"), name, "expected a number", row.get(name)) from error
    if not low <= value <= high:
        raise _wrong(row["cluster_id"], name, f"expected {low:g} to {high:g}", value)
    return value


def _wrong(row: Any, column: str, why: str, value: Any) -> UsageError:
    return UsageError(
        "The named demand clusters are not usable.",
        f"seeds/policy/demand_cluster_reference.csv, cluster {row}, column {column}: {why},"
        f" found {value!r}.",
        "Correct the row and build again.",
    )
