"""Reads what the analyses of schemes found and writes how tiers should be defined instead.

Rows of ``adjustment_proposal`` beside those about promises; only schemes whose tiers have
thresholds are looked at.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.analytics.inputs import numbers, ranked_names
from dagster_project.analytics.tables import Tables
from dagster_project.improvement.definition import (
    Attribute,
    Change,
    Clusters,
    Population,
    scores_of,
    segment_change,
    threshold_change,
    tiers_of,
    weight_changes,
)
from dagster_project.improvement.reads import Read
from dagster_project.schemes.closed import Closed
from dagster_project.segmentation.scores import FloatArray

SCORES = "analytics.segment_score"
SCORE_COLUMNS = ("scheme_id", "entity_id", "evaluation_month", "attribute_id", "percentile")
CATALOGUE = "analytics.attribute_selection"
CATALOGUE_COLUMNS = ("scheme_id", "attribute_id", "shift_index", "is_shifted", "is_chosen")
FRONTIER = "analytics.granularity_frontier"
FRONTIER_COLUMNS = (
    *("scheme_id", "method", "segments_count", "smallest_jaccard", "is_stable"),
    *("is_within_guard_rails", "explained", "complexity_cost_group"),
)
CLUSTERS = "CLUSTERS_OF_ATTRIBUTES"
THRESHOLDS = "policy.segment_threshold"
THRESHOLD_COLUMNS = ("scheme_id", "segment_code", "threshold_up")
WEIGHTS = "policy.scheme_attribute"
WEIGHT_COLUMNS = ("scheme_id", "attribute_id", "weight")
ACTIVITY = "intermediate.int_customer__month"
ACTIVITY_COLUMNS = ("entity_id", "activity_month", "net_amount_group")
YEAR = 12


def definition_reads(closed: Closed) -> tuple[Read, ...]:
    """Rows that the proposals about definitions depend on, besides what customers bought."""
    return (
        Read(SCORES, SCORE_COLUMNS, (("evaluation_month", closed.start),)),
        Read(CATALOGUE, CATALOGUE_COLUMNS),
        Read(FRONTIER, FRONTIER_COLUMNS),
        Read(THRESHOLDS, THRESHOLD_COLUMNS),
        Read(WEIGHTS, WEIGHT_COLUMNS),
    )


def definition_rows(
    tables: Tables, closed: Closed, extra_cost: Mapping[str, float | None]
) -> list[dict[str, Any]]:
    """Return the proposals of all schemes, as rows of ``adjustment_proposal``.

    Args:
        tables: The warehouse.
        closed: The closed month.
        extra_cost: What serving a customer of a segment costs more than one of the next lower tier,
            per quarter in group currency, by key of the segment.
    """
    scores = tables.read(SCORES, SCORE_COLUMNS)
    weights = _by_scheme(tables, WEIGHTS, WEIGHT_COLUMNS)
    rows: list[dict[str, Any]] = []
    for scheme, cells in sorted(_by_scheme(tables, THRESHOLDS, THRESHOLD_COLUMNS).items()):
        ranked = sorted(cells, key=lambda one: -float(one["threshold_up"]))
        names = [one["attribute_id"] for one in weights.get(scheme, ())]
        own = scores.filter(pc.equal(scores["scheme_id"], scheme))
        entities, now = _percentiles(own, names, closed.start)
        if not entities:
            continue
        codes = tuple(one["segment_code"] for one in ranked)
        costs = {code: extra_cost.get(f"{scheme}:{code}") for code in codes}
        of = Population(
            now,
            np.array([float(one["weight"]) for one in weights[scheme]]),
            codes,
            tuple(float(one["threshold_up"]) for one in ranked),
            _revenue(tables, closed, entities),
            {code: cost for code, cost in costs.items() if cost is not None},
        )
        _, then = _percentiles(own, names, closed.before(YEAR))
        found = _changes(tables, scheme, names, of, then)
        rows += [_row(scheme, one, len(entities), closed) for one in found]
    return rows


def _changes(
    tables: Tables, scheme: str, names: list[str], of: Population, then: FloatArray
) -> list[Change]:
    catalogue = [
        Attribute(
            one["attribute_id"],
            names.index(one["attribute_id"]),
            one["shift_index"],
            bool(one["is_shifted"]),
            bool(one["is_chosen"]),
        )
        for one in _by_scheme(tables, CATALOGUE, CATALOGUE_COLUMNS).get(scheme, ())
        if one["attribute_id"] in names
    ]
    frontier = [
        Clusters(
            one["segments_count"],
            float(one["smallest_jaccard"]),
            bool(one["is_stable"]),
            bool(one["is_within_guard_rails"]),
            float(one["explained"]),
            float(one["complexity_cost_group"]),
        )
        for one in _by_scheme(tables, FRONTIER, FRONTIER_COLUMNS).get(scheme, ())
        if one["method"] == CLUSTERS and one["smallest_jaccard"] is not None
    ]
    found = weight_changes(of, catalogue)
    if len(then):
        placed = tiers_of(scores_of(then, of.weights), of.thresholds)
        shares = np.bincount(placed, minlength=len(of.codes)) / len(then)
        change = threshold_change(of, shares.tolist(), len(then))
        found += [change] if change else []
    merged = segment_change(of, sorted(frontier, key=lambda one: one.count))
    return [*found, merged] if merged else found


def _row(scheme: str, one: Change, entities: int, closed: Closed) -> dict[str, Any]:
    segment = f"{scheme}:{one.code}"
    return {
        "as_of_month": closed.start,
        "proposal_id": f"{closed.start:%Y-%m}|{segment}|{one.element}",
        "proposal_type": one.kind,
        "scheme_id": scheme,
        "segment_key": segment,
        "element": one.element,
        "direction": one.direction,
        "target": one.old,
        "new_target": one.new,
        "is_blocked_by_contract": False,
        "entities_count": entities,
        "entities_moved_count": one.impact.moved,
        "revenue_moved_group": one.impact.revenue,
        "saving_per_quarter_group": one.impact.saving,
        "shift_index": one.shift_index,
        "cluster_stability": one.stability,
        "reason": one.why,
    }


def _by_scheme(
    tables: Tables, relation: str, columns: tuple[str, ...]
) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in tables.read(relation, columns).to_pylist():
        found[row["scheme_id"]].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: [str(row[name]) for name in columns])
    return found


def _percentiles(scores: pa.Table, names: list[str], month: date) -> tuple[list[str], FloatArray]:
    """Entities that were scored in a month, in order, and their percentiles by attribute."""
    evaluated = scores["evaluation_month"]
    at = scores.filter(
        pc.and_(
            pc.equal(evaluated, pa.scalar(month, evaluated.type)),
            pc.is_in(scores["attribute_id"], pa.array(names, pa.string())),
        )
    )
    if not at.num_rows:
        return [], np.zeros((0, len(names)))
    entities, row = ranked_names(at["entity_id"])
    attributes, place = ranked_names(at["attribute_id"])
    column = np.array([names.index(one) for one in attributes.tolist()])
    found = np.full((len(entities), len(names)), np.nan)
    found[row, column[place]] = numbers(at["percentile"])
    return entities.tolist(), found


def _revenue(tables: Tables, closed: Closed, entities: list[str]) -> FloatArray:
    table = tables.read(ACTIVITY, ACTIVITY_COLUMNS)
    month = table["activity_month"]
    inside = pc.and_(
        pc.greater_equal(month, pa.scalar(closed.before(YEAR - 1), month.type)),
        pc.less_equal(month, pa.scalar(closed.start, month.type)),
    )
    sums = table.filter(inside).group_by("entity_id").aggregate([("net_amount_group", "sum")])
    found = {row["entity_id"]: row["net_amount_group_sum"] for row in sums.to_pylist()}
    return np.array([float(found.get(one) or 0) for one in entities])
