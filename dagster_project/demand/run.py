"""Runs the demand analytics on the warehouse: clusters of series, priors for new customers.

The only module of the package that knows table names, with ``run_priors``. Add an input by adding
it to ``INPUTS`` and an output by adding its schema; the models that read it come after.
"""

import time
from typing import Any

import numpy as np
import pyarrow as pa

from dagster_project.analytics.inputs import (
    closed_month,
    fingerprint,
    kept,
    month_start,
    months,
    numbers,
    ranked_names,
)
from dagster_project.analytics.tables import Tables
from dagster_project.demand import mixture, run_priors
from dagster_project.demand.classes import Limits, measures
from dagster_project.demand.features import NAMES, features, usable_rows
from dagster_project.demand.policy import parse_limits
from dagster_project.demand.reference import Reference, fit_from_reference, parse_reference
from dagster_project.demand.series import DemandSeries, FloatArray, IntArray

INPUTS = ("int_demand__series", "demand_class_rule", "demand_cluster_reference", *run_priors.INPUTS)
"""dbt models and seeds that must stand before."""

OUTPUTS = ("demand_cluster", "demand_cluster_model", *run_priors.OUTPUTS)
"""Tables of schema ``analytics`` that are written."""

CORRECTION_MONTHS = 1
"""A fit leaves the newest complete months out: they are still corrected from day to day."""

SCHEMA = pa.schema(
    [
        ("entity_id", pa.string()),
        ("product_family", pa.string()),
        ("cluster_id", pa.int64()),
        ("cluster_label", pa.string()),
        ("cluster_probability", pa.float64()),
        ("trend", pa.float64()),
        ("seasonality_strength", pa.float64()),
    ]
)
DECIMALS = 6
"""Results are kept to so many decimals."""
SEASON = 12


def run_demand(tables: Tables, as_of: str) -> dict[str, Any]:
    """Cluster the demand series and fit the priors for new customers.

    Args:
        tables: The warehouse.
        as_of: Last day that the data cover, ``YYYY-MM-DD``.

    Returns:
        Rows by output, whether a fit was made, and seconds.

    Raises:
        UsageError: A policy seed is not usable.
    """
    started = time.perf_counter()
    limits = parse_limits(tables.read("policy.demand_class_rule").to_pylist())
    reference = parse_reference(tables.read("policy.demand_cluster_reference").to_pylist())
    last = closed_month(as_of)
    keys, series, first = read_series(tables, last)
    training = _features(_until(series, first, last - CORRECTION_MONTHS), limits)
    fit, is_new = _fit(tables, training, reference, last - CORRECTION_MONTHS)
    table = _label(keys, series, limits, fit, reference)
    tables.write("analytics.demand_cluster", table)
    summary: dict[str, Any] = {
        "demand_cluster": table.num_rows,
        "is_cluster_fit_new": is_new,
        **run_priors.run_priors(tables, as_of),
    }
    return summary | {"seconds": round(time.perf_counter() - started, 3)}


def read_series(tables: Tables, last: int) -> tuple[pa.Table, DemandSeries, IntArray]:
    """Return the complete months of the current histories.

    Args:
        tables: The warehouse.
        last: Last complete month; see ``closed_month``.

    Returns:
        Entity and family of each series, the series ordered by both, and the month in which each
        begins, shape (n,).
    """
    columns = ("entity_id", "product_family", "demand_month", "demand_base_qty", "is_current_spell")
    table = tables.read("intermediate.int_demand__series", columns)
    month = months(table["demand_month"])
    chosen = table["is_current_spell"].to_numpy().astype(bool) & (month <= last)
    entities, entity = ranked_names(table["entity_id"])
    families, family = ranked_names(table["product_family"])
    entity, family, month = entity[chosen], family[chosen], month[chosen]
    quantity = numbers(table["demand_base_qty"])[chosen]
    order = np.lexsort((month, family, entity))
    entity, family, month = entity[order], family[order], month[order]
    begins = np.ones(len(order), dtype=bool)
    begins[1:] = (np.diff(entity) != 0) | (np.diff(family) != 0)
    at = np.flatnonzero(begins)
    offsets = np.concatenate([at, [len(order)]]).astype(np.int64)
    keys = pa.table(
        {
            "entity_id": pa.array(entities[entity[at]], pa.string()),
            "product_family": pa.array(families[family[at]], pa.string()),
        }
    )
    n = len(at)
    series = DemandSeries(np.arange(n), offsets, quantity[order], np.zeros(n, dtype=bool))
    return keys, series, month[at]


def _until(series: DemandSeries, first: IntArray, last: int) -> DemandSeries:
    """Return the series as they were at the end of a month, without those that began later."""
    length = np.clip(last - first + 1, 0, series.lengths)
    keep = series.row_period <= length[series.row_series]
    offsets = np.concatenate([[0], np.cumsum(length[length > 0])]).astype(np.int64)
    n = int((length > 0).sum())
    return DemandSeries(np.arange(n), offsets, series.values[keep], np.zeros(n, dtype=bool))


def _features(series: DemandSeries, limits: Limits) -> FloatArray:
    """Return the features of the series that can be placed, sorted, so that names do not matter."""
    found = measures(series, limits.last_quarter_periods)
    table = features(series, found, SEASON)
    table = table[usable_rows(table, found.n_demands, limits.min_demands)]
    return table[np.lexsort(table.T[::-1])]


def _fit(
    tables: Tables, training: FloatArray, reference: Reference, month: int
) -> tuple[mixture.Mixture | None, bool]:
    """Return the fit of the training series, and whether it had to be made."""
    mark = fingerprint(training, reference.labels, reference.centres)
    relation = "analytics.demand_cluster_model"
    earlier = kept(tables, relation, mark)
    if earlier is not None:
        return mixture.from_table(earlier), False
    found = fit_from_reference(training, reference)
    table = mixture.to_table(found, reference.labels, month_start(month), len(training), mark)
    tables.write(relation, table)
    return found, True


def _label(
    keys: pa.Table,
    series: DemandSeries,
    limits: Limits,
    fit: mixture.Mixture | None,
    reference: Reference,
) -> pa.Table:
    found = measures(series, limits.last_quarter_periods)
    table = features(series, found, SEASON)
    placed = usable_rows(table, found.n_demands, limits.min_demands) & (fit is not None)
    cluster, chance = np.zeros(series.n, dtype=np.int64), np.zeros(series.n)
    if fit is not None and placed.any():
        cluster[placed], chance[placed] = fit.predict(table[placed])
    names = {int(each): f"CLUSTER_{each}" for each in np.unique(cluster)} | reference.labels
    labels = np.array([names[int(each)] for each in cluster], dtype=object)
    seasonal = series.lengths >= 2 * SEASON
    return (
        keys.append_column("cluster_id", pa.array(cluster, mask=~placed))
        .append_column("cluster_label", pa.array(labels, pa.string(), mask=~placed))
        .append_column("cluster_probability", pa.array(np.round(chance, DECIMALS), mask=~placed))
        .append_column("trend", _measure(table, "trend", series.lengths >= 3))
        .append_column("seasonality_strength", _measure(table, "seasonality", seasonal))
        .cast(SCHEMA)
    )


def _measure(table: FloatArray, name: str, known: Any) -> pa.Array:
    values = np.round(table[:, NAMES.index(name)], DECIMALS) + 0.0
    return pa.array(values, mask=~np.asarray(known))
