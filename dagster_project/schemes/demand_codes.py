"""Codes of the demand planning scheme: class of the demand by class of its volume.

A code such as ``SMOOTH_A`` says what the largest family of a customer is like (Syntetos, Boylan
and Croston 2005, see ``dagster_project/demand/classes.py``) and how much of all demand the customer
makes up. Also the outcome that it should tell apart: how far a plain forecast goes astray.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from dagster_project.analytics.inputs import months, numbers, ranked_names
from dagster_project.demand.classes import Limits, classes
from dagster_project.demand.series import DemandSeries
from dagster_project.segmentation.scores import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class DemandRows:
    """Months of demand, ordered by entity, family and month; ``entity`` counts into ``names``."""

    names: list[str]
    entity: IntArray
    family: IntArray
    month: IntArray
    quantity: FloatArray
    amount: FloatArray

    def until(self, last: int) -> "DemandRows":
        """The rows up to and including a month."""
        return self._kept(self.month <= last)

    def since(self, first: int) -> "DemandRows":
        """The rows from a month on."""
        return self._kept(self.month >= first)

    def _kept(self, keep: BoolArray) -> "DemandRows":
        return DemandRows(
            self.names,
            self.entity[keep],
            self.family[keep],
            self.month[keep],
            self.quantity[keep],
            self.amount[keep],
        )


def demand_rows(series: pa.Table) -> DemandRows:
    """Return the current histories of ``int_demand__series``, zeros included.

    Args:
        series: Columns entity_id, product_family, demand_month, demand_base_qty,
            demand_amount_group and is_current_spell, in any order of rows.
    """
    chosen = series.filter(series["is_current_spell"])
    names, entity = ranked_names(chosen["entity_id"])
    _, family = ranked_names(chosen["product_family"])
    month = months(chosen["demand_month"])
    order = np.lexsort((month, family, entity))
    quantity = np.nan_to_num(numbers(chosen["demand_base_qty"]))
    amount = np.nan_to_num(numbers(chosen["demand_amount_group"]))
    return DemandRows(
        [str(name) for name in names],
        entity[order],
        family[order],
        month[order],
        quantity[order],
        amount[order],
    )


def demand_codes(
    rows: DemandRows, limits: Limits, volume_months: int, a_share: float, b_share: float
) -> dict[str, str]:
    """Return the code of each entity with a demand history.

    Args:
        rows: Months up to the one that is looked at.
        limits: Of the demand classes.
        volume_months: Months of amount that make a volume class; the newest.
        a_share: Share of all amount that class A makes up, the largest first.
        b_share: Share that A and B make up.

    Returns:
        Code by entity. The class is that of the family with the largest amount, ties by quantity
        and then by the name of the family.
    """
    if not len(rows.month):
        return {}
    begins = np.ones(len(rows.month), dtype=bool)
    begins[1:] = (np.diff(rows.entity) != 0) | (np.diff(rows.family) != 0)
    at = np.flatnonzero(begins)
    offsets = np.append(at, len(begins)).astype(np.int64)
    series = DemandSeries(np.arange(len(at)), offsets, rows.quantity, np.zeros(len(at), dtype=bool))
    labels = classes(series, limits).demand_class
    recent = np.where(rows.month > rows.month.max() - volume_months, rows.amount, 0.0)
    amount = np.add.reduceat(recent, at)
    quantity = np.add.reduceat(rows.quantity, at)
    entity = rows.entity[at]
    order = np.lexsort((rows.family[at], -quantity, -amount, entity))
    first = np.ones(len(order), dtype=bool)
    first[1:] = np.diff(entity[order]) != 0
    whole: FloatArray = np.bincount(entity, amount, len(rows.names)).astype(np.float64)
    volume = volume_class(whole, a_share, b_share)
    return {
        rows.names[entity[k]]: f"{labels[k]}_{volume[entity[k]]}" for k in order[first].tolist()
    }


def volume_class(amount: FloatArray, a_share: float, b_share: float) -> list[str]:
    """Return A, B or C of each entity by the share that larger ones make up before it.

    Equal amounts share a class. The first entity is always A, also when it alone is more than the
    share; without any amount all are C.
    """
    total = float(amount.sum())
    if total <= 0:
        return ["C"] * len(amount)
    values, place = np.unique(-amount, return_inverse=True)
    sums = np.bincount(place, amount, len(values))
    before = (np.cumsum(sums) - sums) / total
    names = np.where(before < a_share, "A", np.where(before < b_share, "B", "C"))
    names = np.where(-values > 0, names, "C")
    return [str(name) for name in names[place]]


def forecast_error(rows: DemandRows, last: int, forecast_months: int) -> dict[str, float]:
    """Return the error of a plain forecast by entity, as a share of what was ordered.

    The forecast of each month is the mean of the twelve before it, zeros included; errors of
    families and months add up, so it is the weighted error (WMAPE) of the newest months.

    Args:
        rows: Months up to the one that is looked at.
        last: That month, counted as in ``closed_month``.
        forecast_months: How many of the newest months are forecast.

    Returns:
        Error by entity; none where nothing was ordered or no earlier month is known.
    """
    span = 12 + forecast_months
    grid, seen, owner = _grid(rows, last - span + 1, span)
    errors = np.zeros(len(owner))
    actual = np.zeros(len(owner))
    for k in range(12, span):
        known = seen[:, k - 12 : k].sum(axis=1)
        forecast = grid[:, k - 12 : k].sum(axis=1) / np.maximum(known, 1)
        judged = seen[:, k] & (known > 0)
        errors += np.where(judged, np.abs(grid[:, k] - forecast), 0.0)
        actual += np.where(judged, grid[:, k], 0.0)
    total, off = (np.bincount(owner, part, len(rows.names)) for part in (actual, errors))
    return {rows.names[k]: float(off[k] / total[k]) for k in np.flatnonzero(total > 0).tolist()}


def _grid(rows: DemandRows, first: int, span: int) -> tuple[FloatArray, BoolArray, IntArray]:
    """Quantity by series and month, which months are known, and the entity of each series."""
    newest = rows.since(first)
    key = newest.entity * (int(newest.family.max(initial=0)) + 1) + newest.family
    keys, place = np.unique(key, return_inverse=True)
    grid = np.zeros((len(keys), span))
    seen = np.zeros((len(keys), span), dtype=bool)
    np.add.at(grid, (place, newest.month - first), newest.quantity)
    seen[place, newest.month - first] = True
    owner = keys // (int(newest.family.max(initial=0)) + 1)
    return grid, seen, owner.astype(np.int64)
