"""Policies replayed on history: what calm costs in accuracy.

Each candidate is the scheme with another rhythm, run by the same engine; contracts, overrides and
requests hold in each as they did. A rhythm says in which
months a threshold may move anybody; first tiers, dormancy and waking stay as they are. The tier
that would have been right is known only afterwards: it is the tier of the score over the following
window. Months whose following window has not passed are left out of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dagster_project.schemes.crosswalk import flip_flop_share, flip_flops
from dagster_project.schemes.granularity import FrontierPoint, quantile_frontier
from dagster_project.schemes.reader import History
from dagster_project.schemes.rhythms import Candidate, candidates, scheme_under
from dagster_project.schemes.sensitivity import tier_by_score
from dagster_project.segmentation.engine import Outcome
from dagster_project.segmentation.history import month_number
from dagster_project.segmentation.policy import Scheme
from dagster_project.segmentation.scores import (
    UNIT,
    BoolArray,
    FloatArray,
    IntArray,
    mid_rank_percentile,
)

NO_TIER = -1


@dataclass(frozen=True)
class MonthResult:
    """One candidate in one month; misassignment in tiers, None while nobody can know it.

    ``misassigned_revenue``: net revenue of the following window of customers who were in another
    tier than the one that turned out right, in group currency.
    """

    month: str
    entities: int
    changes: int
    orders: int
    misassignment: float | None
    flip_flops: int = 0
    misassigned_revenue: float | None = None


@dataclass(frozen=True)
class BacktestResult:
    """One candidate over the whole history.

    ``misassignment``: mean distance in tiers from the tier that turned out right, weighted by the
    net revenue of the following window. ``churn``: changes from tier to tier per customer and year.
    ``flip_flop_share``: customers that went to and fro within six months.
    ``changes_per_100_orders``: how often a promise changes while orders come in.
    """

    candidate: Candidate
    changes: int
    churn: float | None
    flip_flops: int
    flip_flop_share: float
    changes_per_100_orders: float | None
    misassignment: float | None
    judged_months: int
    months: tuple[MonthResult, ...]
    is_efficient: bool = False


def backtest(
    history: History, scheme: Scheme, tried: Sequence[Candidate] | None = None
) -> list[BacktestResult]:
    """Replay candidates and measure each.

    Args:
        history: Entities, activity and the last day they cover.
        scheme: The policy whose rhythm is varied.
        tried: Candidates; all of ``candidates()`` when not given.

    Returns:
        One result per candidate in the order given; those that no other candidate beats in both
        churn and misassignment are marked efficient.
    """
    found = []
    facts: _Facts | None = None
    for candidate in tried if tried is not None else candidates():
        # People have approved nothing of what a candidate proposes; it is judged as if they had.
        varied = replace(scheme_under(scheme, candidate), approval_enforced=False)
        outcome = history.replay(varied)
        # Scores follow from activity alone, so the tiers that turn out right do not depend on the
        # candidate; they are judged by the scheme's own limits.
        facts = facts or _Facts.of(history, scheme, outcome)
        found.append(_measure(candidate, facts, tiers_in_force(outcome, varied, facts)))
    return _mark_efficient(found)


@dataclass(frozen=True)
class _Facts:
    """What does not depend on the candidate. Arrays of shape (entities, months)."""

    months: range
    horizon: int
    right: IntArray
    revenue: FloatArray
    orders: IntArray

    @staticmethod
    def of(history: History, scheme: Scheme, outcome: Outcome) -> "_Facts":
        span = [evaluation.month for evaluation in outcome.evaluations]
        months = range(span[0], span[-1] + 1) if span else range(0)
        shape, horizon = (len(history.entities), len(months)), scheme.window_months
        right = np.full(shape, NO_TIER, dtype=np.int64)
        for evaluation in outcome.evaluations:
            column = evaluation.month - months.start - horizon
            if column >= 0:
                scored = evaluation.score >= 0
                tiers = tier_by_score(evaluation.score, scheme)
                right[evaluation.entity[scored], column] = tiers[scored]
        measures = history.activity.measures
        net = _by_month(history, months, measures["net_amount_group"])
        orders = _by_month(history, months, measures["orders_count"])
        total = np.concatenate(
            [np.zeros((shape[0], 1), dtype=np.int64), net.cumsum(axis=1)], axis=1
        )
        after = np.minimum(np.arange(shape[1]) + 1 + horizon, shape[1])
        following = total[:, after] - total[:, 1:] if shape[1] else net
        return _Facts(months, horizon, right, np.maximum(following, 0).astype(float), orders)


def _by_month(history: History, months: range, values: IntArray) -> IntArray:
    result = np.zeros((len(history.entities), len(months)), dtype=np.int64)
    column = history.activity.activity_month - months.start
    inside = (column >= 0) & (column < len(months))
    place = (history.activity.entity[inside], column[inside])
    np.add.at(result, place, values[inside])
    return result


def tiers_in_force(outcome: Outcome, scheme: Scheme, facts: _Facts) -> IntArray:
    """Tier index in force at the end of each month, shape (entities, months); -1 for no tier."""
    shape = facts.right.shape
    if not len(facts.months):
        return np.full(shape, NO_TIER, dtype=np.int64)
    events = outcome.events
    tier = {item.code: position for position, item in enumerate(scheme.tiers)}
    entity = np.array([event.entity for event in events], dtype=np.int64)
    target = np.array([tier.get(event.after, NO_TIER) for event in events], dtype=np.int64)
    column = np.array([month_number(np.datetime64(event.valid_from_day, "D")) for event in events])
    column = np.maximum(column - facts.months.start, 0)
    inside = column < shape[1]
    # The event decided last of those that are in force by then is the one that holds.
    newest = np.full(shape, -1, dtype=np.int64)
    sequence = np.arange(len(events))
    np.maximum.at(newest, (entity[inside], column[inside]), sequence[inside])
    newest = np.maximum.accumulate(newest, axis=1)
    return np.where(newest >= 0, target[np.maximum(newest, 0)], NO_TIER)


def _measure(candidate: Candidate, facts: _Facts, tiers: IntArray) -> BacktestResult:
    inside = tiers >= 0
    both = inside[:, 1:] & inside[:, :-1]
    changed = both & (tiers[:, 1:] != tiers[:, :-1])
    entity, column = np.nonzero(changed)
    before, after = tiers[:, :-1][changed], tiers[:, 1:][changed]
    back = flip_flops(entity, column, before.astype(str).tolist(), after.astype(str).tolist())
    years, orders = int(both.sum()) / 12.0, int(facts.orders[inside].sum())
    judged = inside & (facts.right >= 0)
    returned = np.bincount(column[back] + 1, minlength=tiers.shape[1])
    months = tuple(_months(facts, tiers, changed, judged, returned))
    return BacktestResult(
        candidate,
        changes=len(entity),
        churn=len(entity) / years if years else None,
        flip_flops=int(back.sum()),
        flip_flop_share=flip_flop_share(entity, back, int(inside.any(axis=1).sum())),
        changes_per_100_orders=100.0 * len(entity) / orders if orders else None,
        misassignment=_distance(facts, tiers, judged),
        judged_months=sum(one.misassignment is not None for one in months),
        months=months,
    )


def _months(
    facts: _Facts, tiers: IntArray, changed: BoolArray, judged: BoolArray, returned: IntArray
) -> Iterator[MonthResult]:
    for k, month in enumerate(facts.months):
        inside = tiers[:, k] >= 0
        wrong = judged[:, k] & (tiers[:, k] != facts.right[:, k])
        yield MonthResult(
            month=f"{month // 12:04d}-{month % 12 + 1:02d}",
            entities=int(inside.sum()),
            changes=int(changed[:, k - 1].sum()) if k else 0,
            orders=int(facts.orders[inside, k].sum()),
            misassignment=_distance(facts, tiers, judged, slice(k, k + 1)),
            flip_flops=int(returned[k]),
            misassigned_revenue=(
                float(facts.revenue[wrong, k].sum()) / UNIT if judged[:, k].any() else None
            ),
        )


def _distance(
    facts: _Facts, tiers: IntArray, judged: BoolArray, columns: slice = slice(None)
) -> float | None:
    """Mean distance in tiers; None without a judged month of an entity with revenue."""
    here = judged[:, columns]
    weight = facts.revenue[:, columns][here]
    total = float(weight.sum())
    if total <= 0:
        return None
    distance = np.abs(tiers[:, columns][here] - facts.right[:, columns][here])
    return float((distance * weight).sum() / total)


def _mark_efficient(found: list[BacktestResult]) -> list[BacktestResult]:
    """Mark those to which no other is at least equal in both and better in one."""

    def beats(a: BacktestResult, b: BacktestResult) -> bool:
        if None in (a.churn, a.misassignment, b.churn, b.misassignment):
            return False
        first = (a.churn, a.misassignment)
        second = (b.churn, b.misassignment)
        return all(x <= y for x, y in zip(first, second, strict=True)) and first != second  # type: ignore[operator]

    return [
        replace(
            one,
            is_efficient=one.misassignment is not None
            and not any(beats(other, one) for other in found),
        )
        for one in found
    ]


def tier_frontier(history: History, scheme: Scheme) -> list[FrontierPoint]:
    """Weigh 2 to 8 tiers by quantile of score, on the last month whose following window is known.

    The outcome is the rank of net revenue in the following window; the second look is the
    evaluation of the month after. Customers scored in both count.

    Returns:
        One point per number of tiers; empty while the history is too short.
    """
    outcome = history.replay(scheme)
    if len(outcome.evaluations) <= scheme.window_months:
        return []
    facts = _Facts.of(history, scheme, outcome)
    column = len(facts.months) - 1 - scheme.window_months
    now, later = outcome.evaluations[column], outcome.evaluations[column + 1]
    score = np.full((len(history.entities), 2), -1, dtype=np.int64)
    score[now.entity, 0], score[later.entity, 1] = now.score, later.score
    both = (score >= 0).all(axis=1)
    if not both.any():
        return []
    revenue = facts.revenue[both, column]
    looks = score[both].astype(np.float64)
    return quantile_frontier(looks[:, 0], looks[:, 1], mid_rank_percentile(revenue), revenue)
