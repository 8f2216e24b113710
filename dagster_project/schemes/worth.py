"""What the attributes, the rhythm and the number of tiers of a scheme are worth.

Replays of the closed history as tables of ``outputs.py``. The measures themselves are in
``catalogue.py``, ``sensitivity.py``, ``backtest.py``, ``granularity.py`` and ``stability.py``.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from dagster_project.errors import TierlineError
from dagster_project.schemes.backtest import backtest, tier_frontier
from dagster_project.schemes.catalogue import judge_attributes
from dagster_project.schemes.closed import Closed, first_day
from dagster_project.schemes.fitness import variance_explained
from dagster_project.schemes.granularity import (
    FrontierPoint,
    cluster,
    cluster_frontier,
)
from dagster_project.schemes.measure import Measured, measure
from dagster_project.schemes.network_codes import demand_orders
from dagster_project.schemes.order_attributes import judge_order_attribute, order_attributes
from dagster_project.schemes.outputs import table_of
from dagster_project.schemes.policy import Settings
from dagster_project.schemes.reader import History
from dagster_project.schemes.sensitivity import tornado
from dagster_project.schemes.stability import (
    bootstrap_jaccard,
    complexity_cost,
    gaussian_bic,
    policy_cells,
)
from dagster_project.segmentation.engine import Population
from dagster_project.segmentation.policy import Scheme
from dagster_project.segmentation.scores import FloatArray, mid_rank_percentile


def attribute_table(
    history: History, schemes: list[Scheme], closed: Closed, orders: pa.Table, sites: pa.Table
) -> pa.Table:
    """Return each attribute as each scheme would use it, and whether to keep it.

    Those of the catalogue, and what orders tell besides. ``tier_change_share``: customers who
    change tier when the weight moves by a tenth.

    Args:
        history: What was known of the closed month.
        schemes: Active schemes of the engine.
        closed: The closed month.
        orders: Columns of ``int_order__header``.
        sites: ``site_id`` and ``country``.
    """
    rows: list[dict[str, Any]] = []
    for scheme in schemes:
        try:
            measured = measure(history, scheme)
        except TierlineError:
            continue
        weights = {rule.attribute_id: rule.weight for rule in scheme.attributes}
        swings = _swings(last_population(history, scheme), scheme)
        judged = date.fromisoformat(f"{measured.judged_month}-01")
        rows += _order_rows(scheme, closed, measured, judged, orders, sites)
        for one in judge_attributes(measured.names, measured.months, measured.target):
            infinite = one.inflation is not None and np.isinf(one.inflation)
            rows.append(
                {
                    "scheme_id": scheme.scheme_id,
                    "judged_month": judged,
                    "attribute_id": one.attribute_id,
                    "entities_count": len(measured.months[-1]),
                    "weight": weights.get(one.attribute_id),
                    "coverage": one.coverage,
                    "stability": one.stability,
                    "shift_index": one.shift.index if one.shift else None,
                    "shift_limit": one.shift.limit if one.shift else None,
                    "is_shifted": one.shift.is_shifted if one.shift else None,
                    "information_gain_bits": one.information_gain,
                    "variance_inflation": None if infinite else one.inflation,
                    "tier_change_share": swings.get(one.attribute_id),
                    "is_chosen": one.is_chosen,
                    "reason": "follows from the others" if infinite else one.reason,
                }
            )
    return table_of("attribute_selection", rows, as_of_month=closed.start)


def _order_rows(
    scheme: Scheme,
    closed: Closed,
    measured: Measured,
    judged: date,
    orders: pa.Table,
    sites: pa.Table,
) -> list[dict[str, Any]]:
    month = judged.year * 12 + judged.month - 1
    last = first_day(month + 1) - timedelta(days=1)
    first = first_day(month - scheme.window_months + 1)
    counted = demand_orders(orders, first, last, closed.known_at)
    found = [
        judge_order_attribute(one, measured.entities, measured.target)
        for one in order_attributes(counted, sites)
    ]
    return [
        {
            "scheme_id": scheme.scheme_id,
            "judged_month": judged,
            "attribute_id": one.attribute_id,
            "entities_count": len(measured.entities),
            "coverage": one.coverage,
            "information_gain_bits": one.information_gain,
            "is_chosen": one.is_chosen,
            "reason": one.reason,
        }
        for one in found
    ]


def _swings(population: Population | None, scheme: Scheme) -> dict[str, float]:
    if population is None:
        return {}
    return {swing.attribute_id: swing.share for swing in tornado(population, scheme)}


def backtest_table(history: History, schemes: list[Scheme], closed: Closed) -> pa.Table:
    """Return every rhythm with and without hysteresis, month by month, with its totals."""
    rows: list[dict[str, Any]] = []
    for scheme in schemes:
        for one in backtest(history, scheme):
            totals = {
                "scheme_id": scheme.scheme_id,
                "cadence": one.candidate.cadence,
                "has_hysteresis": one.candidate.has_hysteresis,
                "policy_churn_per_year": one.churn,
                "policy_misassignment_tiers": one.misassignment,
                "policy_flip_flop_share": one.flip_flop_share,
                "policy_changes_per_100_orders": one.changes_per_100_orders,
                "is_efficient": one.is_efficient,
            }
            rows += [
                {
                    **totals,
                    "evaluation_month": date.fromisoformat(f"{month.month}-01"),
                    "entities_count": month.entities,
                    "changes_count": month.changes,
                    "flip_flops_count": month.flip_flops,
                    "orders_count": month.orders,
                    "misassignment_tiers": month.misassignment,
                    "misassigned_revenue_group": month.misassigned_revenue,
                    "is_censored": month.misassignment is None,
                }
                for month in one.months
            ]
    return table_of("policy_backtest", rows, as_of_month=closed.start)


def granularity_table(
    history: History,
    schemes: list[Scheme],
    closed: Closed,
    settings: Settings,
    service_need: Mapping[str, float],
    places: int,
) -> pa.Table:
    """Return the frontier of tiers by score and of clusters of attributes, with what each costs.

    Args:
        history: What was known of the closed month.
        schemes: Active schemes of the engine.
        closed: The closed month.
        settings: Guard rails and prices.
        service_need: Days from order to the day asked for, by entity.
        places: Sites that ship; each keeps policies of its own.
    """
    rows: list[dict[str, Any]] = []
    for scheme in schemes:
        rows += [
            _point("SCORE_QUANTILES", one, settings, places) | {"scheme_id": scheme.scheme_id}
            for one in tier_frontier(history, scheme)
        ]
        rows += [
            row | {"scheme_id": scheme.scheme_id}
            for row in _clusters(history, scheme, settings, service_need, places)
        ]
    return table_of("granularity_frontier", rows, as_of_month=closed.start)


def _point(method: str, one: FrontierPoint, settings: Settings, places: int) -> dict[str, Any]:
    cells = policy_cells(one.segments, settings.policies_per_segment, places)
    recommended = one.segments <= settings.granularity_max_recommended
    return {
        "method": method,
        "segments_count": one.segments,
        "explained": one.explained,
        "silhouette": one.silhouette,
        "smallest_share": one.smallest_share,
        "is_large_enough": one.is_large_enough,
        "policy_cells_count": cells,
        "complexity_cost_group": complexity_cost(
            one.segments,
            cells,
            settings.hours_per_policy_cell,
            settings.hourly_rate_group,
            settings.setup_cost_per_segment_group,
        ),
        "is_knee": one.is_knee,
        "is_within_guard_rails": recommended and one.is_large_enough,
    }


def _clusters(
    history: History,
    scheme: Scheme,
    settings: Settings,
    service_need: Mapping[str, float],
    places: int,
) -> list[dict[str, Any]]:
    population = last_population(history, scheme)
    if population is None:
        return []
    names, features = scored_features(history, population, len(scheme.attributes))
    most = min(settings.granularity_max_segments, len(np.unique(features, axis=0)) // 3)
    counts = range(settings.granularity_min_segments, most + 1)
    if len(counts) < 2:
        return []
    need = np.array([service_need.get(name, np.nan) for name in names])
    rows = []
    for one in cluster_frontier(features, counts):
        _, labels = cluster(features, one.segments)
        overlap = bootstrap_jaccard(features, one.segments, settings.stability_draws)
        rows.append(
            _point("CLUSTERS_OF_ATTRIBUTES", one, settings, places)
            | {
                "entities_count": len(names),
                "service_need_explained": variance_explained(
                    labels.astype(str).tolist(), need
                ).eta_squared,
                "bayesian_criterion": gaussian_bic(features, one.segments),
                "smallest_jaccard": float(overlap.min()),
                "is_stable": bool(overlap.min() >= settings.stability_limit),
            }
        )
    return rows


def last_population(history: History, scheme: Scheme) -> Population | None:
    """Return who was scored against each other in the last evaluation; None for nobody."""
    outcome = history.replay(scheme)
    if not outcome.evaluations or not len(outcome.evaluations[-1].population.entity):
        return None
    return outcome.evaluations[-1].population


def scored_features(
    history: History, population: Population, attributes: int
) -> tuple[list[str], FloatArray]:
    """Return the customers of an evaluation and the percentiles of their attributes.

    A missing value counts as the middle.
    """
    features: FloatArray = np.full(population.values.shape, 0.5)
    for k in range(attributes):
        present = ~population.missing[:, k]
        values = population.values[present, k].astype(np.float64)
        features[present, k] = mid_rank_percentile(values)
    return [history.entities.entity_id[k] for k in population.entity.tolist()], features
