"""Proposals to change what a tier is: weights, thresholds, a tier more, a tier less.

Explicit rules on evidence that the analyses of schemes keep, each with what it would change:
customers that move, their revenue, and what serving them would cost more or less.

WEIGHT: an attribute drifted (population stability index beyond its limit) and would not be chosen
again; it counts half. THRESHOLD: the shares of the tiers drifted within a year; the threshold below
which most moved goes to where it gives the share of then. MERGE_SEGMENT: so many clusters are not
found again in samples, but fewer are, or a tier is too small for a policy; it joins the neighbour
that is most like it. NEW_SEGMENT: more clusters are found again, and explain more; the largest tier
is split in the middle. Stability of clusters: C. Hennig, CSDA 52 (2007); drift: B. Yurdakul,
Western Michigan University 2018.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dagster_project.schemes.catalogue import shift_of_counts
from dagster_project.schemes.granularity import MIN_CUSTOMER_SHARE, MIN_REVENUE_SHARE
from dagster_project.segmentation.scores import FloatArray, IntArray

THRESHOLD, WEIGHT = "THRESHOLD", "WEIGHT"
NEW_SEGMENT, MERGE_SEGMENT = "NEW_SEGMENT", "MERGE_SEGMENT"
RAISE, LOWER = "RAISE", "LOWER"


@dataclass(frozen=True)
class Population:
    """Customers that were scored against each other.

    Attributes:
        percentile: Shape (n, k), of each attribute, from 0 to 1; NaN where it does not count.
        weights: Shape (k,), in policy.
        codes: Tiers, the best first.
        thresholds: Least score of each tier, from 0 to 100, falling.
        revenue: Shape (n,), of the last year in group currency.
        extra_cost: What serving a customer of a tier costs more than one of the next, per quarter
            in group currency, by tier.
    """

    percentile: FloatArray
    weights: FloatArray
    codes: tuple[str, ...]
    thresholds: tuple[float, ...]
    revenue: FloatArray
    extra_cost: Mapping[str, float]


@dataclass(frozen=True)
class Impact:
    """What a change would do: customers that move, what they bought, and what serving them saves.

    ``saving``: per quarter in group currency, negative where it costs more, None where it is not
    known.
    """

    moved: int
    revenue: float
    saving: float | None


@dataclass(frozen=True)
class Change:
    """A proposed change; ``old`` and ``new`` in the unit of what is changed."""

    kind: str
    code: str
    element: str
    direction: str
    old: float
    new: float
    impact: Impact
    why: str
    shift_index: float | None = None
    stability: float | None = None


@dataclass(frozen=True)
class Attribute:
    """What the catalogue says of an attribute of the scheme; ``place``: its column."""

    name: str
    place: int
    shift_index: float | None
    is_shifted: bool
    is_chosen: bool


@dataclass(frozen=True)
class Clusters:
    """A number of clusters: how well they are found again, and what keeping them costs a year."""

    count: int
    stability: float
    is_stable: bool
    is_within_guard_rails: bool
    explained: float
    yearly_cost: float


def scores_of(percentile: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the scores from 0 to 100: the weighted mean of the percentiles that count."""
    counted = ~np.isnan(percentile)
    total = (counted * weights).sum(axis=1)
    above = np.nansum(percentile * weights, axis=1)
    return np.round(100 * np.divide(above, total, out=np.zeros(len(total)), where=total > 0), 6)


def tiers_of(scores: FloatArray, thresholds: Sequence[float]) -> IntArray:
    """Return the place of the best tier whose threshold each score reaches; the last for none."""
    reached = scores[:, None] >= np.asarray(thresholds, dtype=np.float64)[None, :]
    return np.where(reached.any(axis=1), reached.argmax(axis=1), len(thresholds) - 1)


def weight_changes(of: Population, attributes: Sequence[Attribute]) -> list[Change]:
    """Return the attributes that should count half; their other half goes to all others."""
    before = tiers_of(scores_of(of.percentile, of.weights), of.thresholds)
    found = []
    for one in attributes:
        rest = np.arange(len(of.weights)) != one.place
        others = float(of.weights[rest].sum())
        if not one.is_shifted or one.is_chosen or not others > 0:
            continue
        old = float(of.weights[one.place])
        new = of.weights * (others + old / 2) / others
        new[one.place] = old / 2
        after = tiers_of(scores_of(of.percentile, new), of.thresholds)
        found.append(
            Change(
                WEIGHT,
                "*",
                f"{WEIGHT}:{one.name}",
                LOWER,
                old,
                old / 2,
                impact_of(of, before, after),
                "it drifted, and would not be chosen again",
                shift_index=one.shift_index,
            )
        )
    return found


def threshold_change(
    of: Population, shares_then: Sequence[float], count_then: int
) -> Change | None:
    """Return the threshold that gives the tiers their shares of then, where these drifted.

    Args:
        of: The customers of now.
        shares_then: Share of customers in each tier a year before.
        count_then: How many they were.
    """
    scores = scores_of(of.percentile, of.weights)
    before = tiers_of(scores, of.thresholds)
    now = np.bincount(before, minlength=len(of.codes))
    if not len(scores) or not count_then:
        return None
    then = np.asarray(shares_then, dtype=np.float64)
    shift = shift_of_counts(np.stack([np.round(then * count_then).astype(np.int64), now]))
    if not shift.is_shifted:
        return None
    # The lowest tier has no threshold of its own.
    drift = (now.cumsum() / len(scores) - then.cumsum())[:-1]
    place = int(np.abs(drift).argmax())
    share = min(float(then.cumsum()[place]), 1.0)
    wanted = round(float(np.quantile(scores, 1 - share, method="higher")))
    old = of.thresholds[place]
    new = float(np.clip(wanted, of.thresholds[place + 1], (100.0, *of.thresholds)[place]))
    if new == old:
        return None
    thresholds = [*of.thresholds[:place], new, *of.thresholds[place + 1 :]]
    return Change(
        THRESHOLD,
        of.codes[place],
        THRESHOLD,
        RAISE if new > old else LOWER,
        old,
        new,
        impact_of(of, before, tiers_of(scores, thresholds)),
        "the shares of the tiers drifted within a year",
        shift_index=shift.index,
    )


def segment_change(of: Population, frontier: Sequence[Clusters]) -> Change | None:
    """Return the tier that should join another, or the one that should be split, or None.

    Args:
        of: The customers of now.
        frontier: Numbers of clusters, rising.
    """
    count = len(of.codes)
    scores = scores_of(of.percentile, of.weights)
    if count < 2 or not len(scores):
        return None
    tiers = tiers_of(scores, of.thresholds)
    own = {one.count: one for one in frontier}.get(count)
    steady = [one for one in frontier if one.is_stable and one.is_within_guard_rails]
    small = _too_small(of, tiers)
    if small is not None:
        return _merged(of, scores, tiers, small, "it is too small for a policy", frontier)
    fewer = [one.count for one in steady if one.count < count]
    if own is not None and not own.is_stable and fewer:
        why = f"{count} groups are not found again in samples, {max(fewer)} are"
        return _merged(of, scores, tiers, _most_alike(scores, tiers, count), why, frontier)
    more = [one for one in steady if own and one.count > count and one.explained > own.explained]
    return _split(of, scores, tiers, more[0], own) if own is not None and more else None


def impact_of(of: Population, before: IntArray, after: IntArray) -> Impact:
    """Return what moving customers from tiers to tiers does; places of the tiers, shape (n,)."""
    moves = before != after
    saving: float | None = 0.0
    if moves.any():
        places = np.concatenate([before[moves], after[moves]])
        between = of.codes[int(places.min()) : int(places.max())]
        steps = np.array([of.extra_cost.get(code, 0.0) for code in of.codes[:-1]])
        # What a customer of a tier costs more than one of the lowest.
        level = np.append(np.cumsum(steps[::-1])[::-1], 0.0)
        is_known = all(code in of.extra_cost for code in between)
        saving = float((level[before] - level[after]).sum()) + 0.0 if is_known else None
    return Impact(int(moves.sum()), float(of.revenue[moves].sum()), saving)


def _too_small(of: Population, tiers: IntArray) -> int | None:
    total = float(of.revenue.sum())
    for place in range(len(of.codes)):
        inside = tiers == place
        share = float(of.revenue[inside].sum()) / total if total > 0 else 0.0
        if inside.mean() < MIN_CUSTOMER_SHARE and share < MIN_REVENUE_SHARE:
            return place
    return None


def _means(scores: FloatArray, tiers: IntArray, places: Iterable[int]) -> FloatArray:
    """Mean score of each of some tiers; infinite where nobody is in one."""
    inside = [scores[tiers == place] for place in places]
    return np.array([one.mean() if len(one) else np.inf for one in inside])


def _most_alike(scores: FloatArray, tiers: IntArray, count: int) -> int:
    """The smaller of the two neighbours whose mean scores are closest; none of them is empty."""
    means = _means(scores, tiers, range(count))
    upper = int(np.abs(np.diff(means)).argmin())
    return upper if (tiers == upper).sum() <= (tiers == upper + 1).sum() else upper + 1


def _merged(
    of: Population,
    scores: FloatArray,
    tiers: IntArray,
    place: int,
    why: str,
    frontier: Sequence[Clusters],
) -> Change:
    """The tier joins the neighbour whose mean score is closest, an empty one the next lower."""
    count = len(of.codes)
    neighbours = [near for near in (place + 1, place - 1) if 0 <= near < count]
    middle = float(_means(scores, tiers, [place])[0])
    gaps = np.abs(_means(scores, tiers, neighbours) - middle) if np.isfinite(middle) else [0.0]
    into = neighbours[int(np.argmin(gaps))]
    impact = impact_of(of, tiers, np.where(tiers == place, into, tiers))
    known = {one.count: one for one in frontier}
    own = known.get(count)
    if impact.saving is not None and own is not None and count - 1 in known:
        upkeep = (own.yearly_cost - known[count - 1].yearly_cost) / 4
        impact = replace(impact, saving=impact.saving + upkeep)
    return Change(
        MERGE_SEGMENT,
        of.codes[place],
        f"{MERGE_SEGMENT}:{of.codes[into]}",
        LOWER,
        float(count),
        float(count - 1),
        impact,
        why,
        stability=own.stability if own else None,
    )


def _split(
    of: Population, scores: FloatArray, tiers: IntArray, found: Clusters, own: Clusters
) -> Change:
    """The upper half of the largest tier gets one of its own; keeping it costs what it costs."""
    count = len(of.codes)
    place = int(np.bincount(tiers, minlength=count).argmax())
    inside = tiers == place
    upper = inside & (scores >= np.median(scores[inside]))
    upkeep = (found.yearly_cost - own.yearly_cost) / (found.count - own.count) / 4
    return Change(
        NEW_SEGMENT,
        of.codes[place],
        NEW_SEGMENT,
        RAISE,
        float(count),
        float(count + 1),
        Impact(int(upper.sum()), float(of.revenue[upper].sum()), -upkeep),
        f"{found.count} groups are found again in samples and tell customers apart better",
        stability=found.stability,
    )
