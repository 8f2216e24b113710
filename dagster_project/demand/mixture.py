"""A fitted mixture as a table of the warehouse: kept, read back, and asked without scikit-learn.

Parameters are kept as text that gives the same doubles back, so that a kept fit and a new one of
the same inputs label alike to the last bit.
"""

import json
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from dagster_project.demand.series import FloatArray, IntArray

SCHEMA = pa.schema(
    [
        ("cluster_id", pa.int64()),
        ("cluster_label", pa.string()),
        ("training_month", pa.date32()),
        ("training_series_count", pa.int64()),
        ("parameters_json", pa.string()),
        ("input_mark", pa.string()),
    ]
)


@dataclass(frozen=True)
class Mixture:
    """Gaussian clusters of scaled features.

    Attributes:
        cluster_id: Label of each cluster, shape (k,).
        weights: Share of each cluster, shape (k,).
        means: Centres in scaled features, shape (k, f).
        whitening: Cholesky factors of the precisions, shape (k, f, f).
        location, scale: What scales the features, shape (f,).
    """

    cluster_id: IntArray
    weights: FloatArray
    means: FloatArray
    whitening: FloatArray
    location: FloatArray
    scale: FloatArray

    def predict(self, table: FloatArray) -> tuple[IntArray, FloatArray]:
        """Return label and probability of each row of features, shape (n, f), both of shape (n,).

        The sums are written out: a matrix product of many threads differs in its last digits.
        """
        scaled = (table - self.location) / self.scale
        f = table.shape[1]
        logs = np.empty((len(table), len(self.cluster_id)))
        for place, (weight, mean, factor) in enumerate(
            zip(self.weights, self.means, self.whitening, strict=True)
        ):
            apart = np.einsum("nf,fg->ng", scaled - mean, factor)
            width = np.log(np.diag(factor)).sum() - f / 2 * np.log(2 * np.pi)
            logs[:, place] = np.log(weight) + width - np.einsum("nf,nf->n", apart, apart) / 2
        nearest = logs.argmax(axis=1)
        highest = logs[np.arange(len(logs)), nearest]
        chance = 1 / np.exp(logs - highest[:, None]).sum(axis=1)
        return self.cluster_id[nearest], chance


def to_table(
    mixture: Mixture | None, labels: dict[int, str], month: np.datetime64, rows: int, mark: str
) -> pa.Table:
    """Return the table that keeps a fit; one row without a cluster where nothing could be fitted.

    Args:
        mixture: The fit, or None.
        labels: Name of each known cluster; another one is named by its number.
        month: First day of the last month that the fit has seen.
        rows: Series that it was made of.
        mark: Mark of its inputs.
    """
    shared = {
        "training_month": month.astype(object),
        "training_series_count": rows,
        "input_mark": mark,
    }
    if mixture is None:
        empty = {"cluster_id": None, "cluster_label": None, "parameters_json": None}
        return pa.Table.from_pylist([shared | empty], schema=SCHEMA)
    records = [
        shared
        | {
            "cluster_id": int(cluster),
            "cluster_label": labels.get(int(cluster), f"CLUSTER_{cluster}"),
            "parameters_json": json.dumps(
                {
                    "weight": float(mixture.weights[place]),
                    "mean": mixture.means[place].tolist(),
                    "whitening": mixture.whitening[place].tolist(),
                    "location": mixture.location.tolist(),
                    "scale": mixture.scale.tolist(),
                }
            ),
        }
        for place, cluster in enumerate(mixture.cluster_id)
    ]
    return pa.Table.from_pylist(records, schema=SCHEMA)


def from_table(table: pa.Table) -> Mixture | None:
    """Return the fit that a table keeps; None where it says that nothing could be fitted."""
    rows = [row for row in table.to_pylist() if row["cluster_id"] is not None]
    if not rows:
        return None
    kept = [json.loads(row["parameters_json"]) for row in rows]
    weights, means, whitening = (
        np.array([each[name] for each in kept]) for name in ("weight", "mean", "whitening")
    )
    return Mixture(
        np.array([row["cluster_id"] for row in rows], dtype=np.int64),
        weights,
        means,
        whitening,
        np.array(kept[0]["location"]),
        np.array(kept[0]["scale"]),
    )
