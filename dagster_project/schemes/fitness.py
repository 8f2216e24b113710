"""Does a scheme separate customers in what it is for?

Each purpose has an outcome; the share of its variance that lies between segments says how well a
scheme serves it. Two active schemes for one purpose are refused. Outcomes come from marts of the
work file or of a release.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.analytics.tables import Tables
from dagster_project.errors import RedError
from dagster_project.segmentation.scores import FloatArray

PURPOSES = {
    "DEMAND_PLANNING": "demand variability: median squared variation of demand sizes",
    "SERVICE_DIFFERENTIATION": "service need: mean days from order to the day asked for",
    "NETWORK_DESIGN": "drop density: deliveries per place of delivery",
}
"""What each purpose is judged by."""


@dataclass(frozen=True)
class Fitness:
    """Variance of one outcome between segments; None where the data cannot tell."""

    eta_squared: float | None
    adjusted: float | None
    entities: int
    segments: int
    why_none: str = ""


def variance_explained(segments: Sequence[str], outcome: FloatArray) -> Fitness:
    """Eta squared of an outcome by segment, as found and adjusted for the number of segments.

    Eta squared is the sum of squares between over the total (R. A. Fisher 1925); adjusted is
    epsilon squared, which does not rise merely because there are more segments (T. L. Kelley,
    PNAS 21, 1935). It can be negative.

    Args:
        segments: Segment of each entity.
        outcome: One number per entity; NaN where it is not known, and then it is left out.
    """
    known = ~np.isnan(outcome)
    values = outcome[known]
    names, place = np.unique(np.array(segments, dtype=str)[known], return_inverse=True)
    count, groups = len(values), len(names)
    if groups < 2 or count <= groups:
        return Fitness(None, None, count, groups, "fewer than two segments with an outcome")
    centred = values - values.mean()
    total = float(centred @ centred)
    if total <= 1e-12 * max(1.0, float(values @ values)):
        return Fitness(None, None, count, groups, "the outcome is the same for everyone")
    size = np.bincount(place)
    sums = np.bincount(place, weights=centred)
    share = float((sums**2 / size).sum()) / total
    adjusted = 1.0 - (1.0 - share) * (count - 1) / (count - groups)
    return Fitness(share, adjusted, count, groups)


def fittest(found: Mapping[str, Fitness]) -> str | None:
    """The scheme with the highest adjusted value, ties by name; None when no value is known."""
    known = [(-one.adjusted, name) for name, one in found.items() if one.adjusted is not None]
    return min(known)[1] if known else None


def check_active(schemes: Iterable[Mapping[str, Any]]) -> None:
    """Refuse two active schemes for one purpose.

    Args:
        schemes: Rows of ``segment_scheme.csv``, for example with one made active.

    Raises:
        RedError: A purpose has more than one active scheme.
    """
    active = [row for row in schemes if row["status"] == "ACTIVE"]
    for purpose in sorted({str(row["purpose"]) for row in active}):
        names = sorted(str(row["scheme_id"]) for row in active if row["purpose"] == purpose)
        if len(names) > 1:
            raise RedError(
                f"{purpose} would have {len(names)} active schemes.",
                f"seeds/policy/segment_scheme.csv, column status: {', '.join(names)}.",
                "A customer has one code per purpose: retire all but one.",
            )


# Outcomes from the warehouse --------------------------------------------------------------------


def read_outcome(tables: Tables, purpose: str) -> dict[str, float]:
    """Outcome of a purpose by entity; entities without one are not in it.

    Args:
        tables: A warehouse with the marts.
        purpose: One of ``PURPOSES``.

    Raises:
        KeyError: There is no such purpose.
    """
    readers = {
        "DEMAND_PLANNING": _demand_variability,
        "SERVICE_DIFFERENTIATION": _service_need,
        "NETWORK_DESIGN": _drop_density,
    }
    return readers[purpose](tables)


def fitness_of(segments: Mapping[str, str], outcome: Mapping[str, float]) -> Fitness:
    """Judge a division of entities by an outcome; entities without an outcome do not count."""
    entities = sorted(segments)
    values = np.array([outcome.get(entity, np.nan) for entity in entities], dtype=np.float64)
    return variance_explained([segments[entity] for entity in entities], values)


def _demand_variability(tables: Tables) -> dict[str, float]:
    series = tables.read("marts.mart_demand_class", ["entity_id", "cv2"])
    series = series.filter(pc.is_valid(series["cv2"]))
    series = series.set_column(1, "cv2", series["cv2"].cast(pa.float64()))
    found: dict[str, list[float]] = {}
    for entity, value in zip(
        series["entity_id"].to_pylist(), series["cv2"].to_pylist(), strict=True
    ):
        found.setdefault(entity, []).append(value)
    return {entity: float(np.median(values)) for entity, values in found.items()}


def _service_need(tables: Tables) -> dict[str, float]:
    lines = tables.read("marts.fct_order_line", ["entity_id", "ordered_at", "due_req_at"])
    wait = pc.subtract(_microseconds(lines["due_req_at"]), _microseconds(lines["ordered_at"]))
    days = pc.divide(wait.cast(pa.float64()), 86_400e6)
    table = pa.table({"entity_id": lines["entity_id"], "days": days})
    return _mean(table.filter(pc.is_valid(table["days"])), "days")


def _microseconds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.timestamp("us", column.type.tz)).cast(pa.int64())


def _drop_density(tables: Tables) -> dict[str, float]:
    lines = tables.read("marts.fct_shipment_line", ["entity_id", "shipment_id", "to_site_id"])
    counts = lines.group_by("entity_id").aggregate(
        [("shipment_id", "count_distinct"), ("to_site_id", "count_distinct")]
    )
    drops = zip(
        counts["entity_id"].to_pylist(),
        counts["shipment_id_count_distinct"].to_pylist(),
        counts["to_site_id_count_distinct"].to_pylist(),
        strict=True,
    )
    return {entity: n / sites for entity, n, sites in drops if entity is not None and sites}


def _mean(table: pa.Table, column: str) -> dict[str, float]:
    means = table.group_by("entity_id").aggregate([(column, "mean")])
    return dict(
        zip(means["entity_id"].to_pylist(), means[f"{column}_mean"].to_pylist(), strict=True)
    )
