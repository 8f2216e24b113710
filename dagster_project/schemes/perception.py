"""What a change of tier did to how customers see us: an event study against matched controls.

Each change is compared with customers of the same tier before it, the same region and the same size
who did not change: the change of the outcome of the one less the mean change of the others
(difference in differences; Angrist and Pischke, Mostly Harmless Econometrics, 2009, chapter 5). The
interval is a bootstrap that draws customers, because changes of one customer are not independent
(Cameron, Gelbach and Miller 2008).
"""

from dataclasses import dataclass

import numpy as np

from dagster_project.segmentation.scores import BoolArray, FloatArray, IntArray

SPAN = 6
"""Months looked at before and after a change."""

DRAWS = 999
SEED = 20_240
LOW_PCT, HIGH_PCT = 2.5, 97.5


@dataclass(frozen=True)
class Events:
    """Changes from tier to tier: who, in which column of months, from which tier, up or down."""

    entity: IntArray
    month: IntArray
    before: IntArray
    is_up: BoolArray


@dataclass(frozen=True)
class Effect:
    """What the changes of one direction did to one outcome.

    ``treated`` and ``control``: mean by month from -SPAN to SPAN, each less its own mean before the
    change. ``estimate``: difference in differences; the interval is None for few events.
    """

    events: int
    judged: int
    treated: FloatArray
    control: FloatArray
    estimate: float | None
    low: float | None
    high: float | None


def tier_changes(rank: IntArray) -> Events:
    """Return the changes from tier to tier whose months before and after are known.

    Args:
        rank: Tier at the end of each month, shape (entities, months); 0 for none.
    """
    before, after = rank[:, :-1], rank[:, 1:]
    entity, column = np.nonzero((before > 0) & (after > 0) & (before != after))
    month = column + 1
    inside = (month >= SPAN) & (month + SPAN < rank.shape[1])
    entity, month = entity[inside], month[inside]
    return Events(
        entity, month, rank[entity, month - 1], rank[entity, month] < rank[entity, month - 1]
    )


def effect(
    outcome: FloatArray,
    rank: IntArray,
    region: IntArray,
    size: FloatArray,
    events: Events,
    is_up: bool,
    min_events: int,
) -> Effect:
    """Measure what the changes of one direction did to an outcome.

    Args:
        outcome: By entity and month, NaN where nobody knows, shape (entities, months).
        rank: Tier by entity and month, 0 for none.
        region: Number of the region of each entity.
        size: Revenue of the twelve months up to each month, shape (entities, months).
        events: All changes; only those of the direction count.
        is_up: Rises, else falls.
        min_events: With fewer than these that can be judged there is no interval.
    """
    chosen = np.flatnonzero(events.is_up == is_up)
    own, other = _paths(outcome, rank, region, size, events, chosen)
    before = slice(0, SPAN)
    own, other = (path - _mean(path[:, before])[:, None] for path in (own, other))
    change = _mean(own[:, SPAN + 1 :]) - _mean(other[:, SPAN + 1 :])
    judged = ~np.isnan(change)
    treated, control = (_mean(path[judged].T) for path in (own, other))
    if not judged.any():
        return Effect(len(chosen), 0, treated, control, None, None, None)
    low, high = None, None
    if int(judged.sum()) >= min_events:
        low, high = interval(change[judged], events.entity[chosen][judged])
    return Effect(
        len(chosen),
        int(judged.sum()),
        treated,
        control,
        float(change[judged].mean()),
        low,
        high,
    )


def interval(values: FloatArray, cluster: IntArray) -> tuple[float, float]:
    """Return the 95 % interval of a mean, drawing clusters with replacement.

    Args:
        values: One per event.
        cluster: Cluster of each, here the customer.
    """
    _, place = np.unique(cluster, return_inverse=True)
    total, count = np.bincount(place, values), np.bincount(place)
    generator = np.random.default_rng(SEED)
    drawn = generator.integers(0, len(total), (DRAWS, len(total)))
    means = total[drawn].sum(axis=1) / count[drawn].sum(axis=1)
    low, high = np.percentile(means, [LOW_PCT, HIGH_PCT])
    return float(low), float(high)


def _paths(
    outcome: FloatArray,
    rank: IntArray,
    region: IntArray,
    size: FloatArray,
    events: Events,
    chosen: IntArray,
) -> tuple[FloatArray, FloatArray]:
    """Outcome of each event and the mean of its controls, month by month around it."""
    width = 2 * SPAN + 1
    own, other = (np.full((len(chosen), width), np.nan) for _ in range(2))
    for month in np.unique(events.month[chosen]).tolist():
        at = np.flatnonzero(events.month[chosen] == month)
        who = events.entity[chosen[at]]
        around = slice(month - SPAN, month + SPAN + 1)
        window = outcome[:, around]
        own[at] = window[who]
        steady = (rank[:, around] == rank[:, [month]]).all(axis=1) & (rank[:, month] > 0)
        # Whoever has no answer on both sides of the change is no control.
        steady &= ~np.isnan(_mean(window[:, :SPAN]) + _mean(window[:, SPAN + 1 :]))
        decile = _decile(size[:, month - 1], rank[:, month - 1] > 0)
        tier = rank[:, month - 1]
        other[at] = _matched(window, steady, tier, region, decile, who)
    return own, other


def _matched(
    window: FloatArray,
    steady: BoolArray,
    tier: IntArray,
    region: IntArray,
    decile: IntArray,
    who: IntArray,
) -> FloatArray:
    """Mean path of the controls: same tier, region and size; else tier and region; else tier."""
    centred = window - _mean(window[:, :SPAN])[:, None]
    found = np.full((len(who), window.shape[1]), np.nan)
    regions, deciles = int(region.max(initial=0)) + 1, 10
    levels = ((tier * regions + region) * deciles + decile, tier * regions + region, tier)
    for key in levels:
        size = int(key.max(initial=0)) + 1
        for k in range(window.shape[1]):
            known = steady & ~np.isnan(centred[:, k])
            count = np.bincount(key[known], minlength=size)
            total = np.bincount(key[known], centred[known, k], size)
            mean = np.divide(total, count, out=np.full(size, np.nan), where=count > 0)
            found[:, k] = np.where(np.isnan(found[:, k]), mean[key[who]], found[:, k])
    return found


def _decile(size: FloatArray, present: BoolArray) -> IntArray:
    """Tenth of each entity by size among those present, 0 to 9; equal sizes share one."""
    from dagster_project.segmentation.scores import mid_rank_percentile

    found = np.zeros(len(size), dtype=np.int64)
    share = mid_rank_percentile(size[present])
    found[present] = np.minimum((share * 10).astype(np.int64), 9)
    return found


def _mean(values: FloatArray) -> FloatArray:
    """Mean of each row over what is known; NaN where nothing is."""
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)
