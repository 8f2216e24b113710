"""Reads what customers expect and writes whether the segments tell it apart."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.analytics.inputs import numbers
from dagster_project.analytics.tables import Tables
from dagster_project.schemes.answers import known_answers
from dagster_project.schemes.closed import Closed, closed_history, segments_then
from dagster_project.schemes.expectation import (
    Served,
    need_class,
    separation,
    served,
    stated_need,
    weighted_kappa,
)
from dagster_project.schemes.outputs import table_of
from dagster_project.schemes.policy import Settings
from dagster_project.schemes.reader import History
from dagster_project.segmentation.policy import Scheme
from dagster_project.segmentation.scores import UNIT, FloatArray, IntArray

STATED_NEED = "STATED_NEED"
"""Item of the rows in which tier and class of need meet."""


def validity_table(
    tables: Tables, closed: Closed, settings: Settings, schemes: Sequence[Scheme]
) -> pa.Table:
    """Return what segments tell apart of what customers expect, and where tier and need meet."""
    items = {
        row["item_id"]: str(row["is_higher_harder"]).lower() == "true"
        for row in tables.read("policy.expectation_item").to_pylist()
    }
    names = sorted(items)
    harder = np.array([items[name] for name in names], dtype=bool)
    oldest = closed.before(settings.answer_expiry_months - 1)
    answers = known_answers(tables, closed)
    answers = answers.filter(
        pc.and_(
            pc.greater_equal(answers["submitted_date"], pa.scalar(oldest)),
            pc.is_valid(answers["expectation"]),
        )
    )
    history = closed_history(tables, closed)
    revenue = _revenue(history, closed, settings)
    segments = segments_then(tables, closed).sort_by("entity_id")
    rows: list[dict[str, Any]] = []
    for scheme in schemes if len(names) and answers.num_rows else []:
        own = segments.filter(pc.equal(segments["scheme_id"], scheme.scheme_id))
        entities, codes = own["entity_id"].to_pylist(), np.array(own["segment_code"].to_pylist())
        rank_of = {tier.code: k + 1 for k, tier in enumerate(scheme.tiers)}
        rank = np.array([rank_of.get(str(code), 0) for code in codes], dtype=np.int64)
        expected, importance = _expectations(answers, entities, names, settings)
        need = need_class(stated_need(expected, importance, harder), len(scheme.tiers))
        money = np.array([revenue.get(name, 0.0) for name in entities])
        share = served(rank, need, money, settings.served_tolerance_classes)
        whole = {"scheme_id": scheme.scheme_id, "weighted_kappa": weighted_kappa(rank, need)}
        rows += _items(scheme, codes, rank, expected, names, whole | _shares(share))
        rows += _confusion(scheme, codes, rank, need, whole | _shares(share))
    return table_of("expectation_validity", rows, as_of_month=closed.start)


def _shares(found: Served) -> dict[str, Any]:
    return {
        "over_served_share": found.over,
        "under_served_share": found.under,
        "over_served_revenue_share": found.over_revenue,
        "under_served_revenue_share": found.under_revenue,
    }


def _expectations(
    answers: pa.Table, entities: list[str], items: list[str], settings: Settings
) -> tuple[FloatArray, FloatArray]:
    """Expectation and importance by customer and question: means weighted by who answered."""
    place, column = ({name: k for k, name in enumerate(part)} for part in (entities, items))
    row = np.array([place.get(name, -1) for name in answers["entity_id"].to_pylist()], dtype=int)
    item = np.array([column.get(name, -1) for name in answers["item_id"].to_pylist()], dtype=int)
    weight = np.array(
        [
            settings.answer_weight_decision_maker
            if (role or "").upper().replace("-", "_").replace(" ", "_") == "DECISION_MAKER"
            else settings.answer_weight_other
            for role in answers["respondent_role"].to_pylist()
        ]
    )
    means = []
    for name in ("expectation", "importance"):
        values = numbers(answers[name])
        known = (row >= 0) & (item >= 0) & ~np.isnan(values)
        total, count = (np.zeros((len(entities), len(items))) for _ in range(2))
        np.add.at(total, (row[known], item[known]), (values * weight)[known])
        np.add.at(count, (row[known], item[known]), weight[known])
        means.append(np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0))
    return means[0], means[1]


def _items(
    scheme: Scheme,
    codes: Any,
    rank: IntArray,
    expected: FloatArray,
    items: list[str],
    whole: Mapping[str, Any],
) -> list[dict[str, Any]]:
    rows = []
    for k, item in enumerate(items):
        values = np.where(rank > 0, expected[:, k], np.nan)
        found = separation(values, rank)
        for tier in scheme.tiers:
            own = values[(codes == tier.code) & ~np.isnan(values)]
            rows.append(
                {
                    **whole,
                    "item_id": item,
                    "segment_code": tier.code,
                    "need_class": 0,
                    "entities_count": len(own),
                    "mean_expectation": float(own.mean()) if len(own) else None,
                    "kruskal_h": found.h,
                    "kruskal_p": found.p,
                    "epsilon_squared": found.epsilon_squared,
                }
            )
    return rows


def _confusion(
    scheme: Scheme, codes: Any, rank: IntArray, need: IntArray, whole: Mapping[str, Any]
) -> list[dict[str, Any]]:
    found = separation(np.where((rank > 0) & (need > 0), need, np.nan), rank)
    return [
        {
            **whole,
            "item_id": STATED_NEED,
            "segment_code": tier.code,
            "need_class": one,
            "entities_count": int(((codes == tier.code) & (need == one)).sum()),
            "kruskal_h": found.h,
            "kruskal_p": found.p,
            "epsilon_squared": found.epsilon_squared,
        }
        for tier in scheme.tiers
        for one in range(1, int(need.max(initial=0)) + 1)
    ]


def _revenue(history: History, closed: Closed, settings: Settings) -> dict[str, float]:
    activity = history.activity
    recent = activity.activity_month > closed.month - settings.outcome_window_months
    amount = activity.measures["net_amount_group"][recent]
    sums = np.bincount(activity.entity[recent], amount, len(history.entities)) / UNIT
    return dict(zip(history.entities.entity_id, sums.tolist(), strict=True))
