"""Scores from attributes: empirical percentiles, weighted.

An attribute is a column of whole numbers in ten-thousandths (so sums are exact and both engines
agree), with a mask of missing values. A score is a whole number in ten-thousandths of a point,
0 to 100 points, and is exactly the sum of its contributions. Nothing here knows about time.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

UNIT = 10_000
"""Values and scores are kept in ten-thousandths."""

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


class NullPolicy(StrEnum):
    """What a missing value means for the score."""

    REWEIGHT = "REWEIGHT"
    """The other attributes share the weight."""
    NEUTRAL = "NEUTRAL"
    """The middle percentile."""
    LOWEST = "LOWEST"
    """The lowest percentile."""


@dataclass(frozen=True)
class AttributeRule:
    """How one attribute enters the score."""

    attribute_id: str
    weight: float
    higher_is_better: bool
    null_policy: NullPolicy
    label: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Scores:
    """Score and parts of each entity; ``parts`` columns follow the order of the rules."""

    percentiles: FloatArray
    weights: FloatArray
    contributions: IntArray
    score: IntArray
    is_scored: BoolArray


def winsorise(values: IntArray, low_pct: float, high_pct: float) -> FloatArray:
    """Pull values outside the two percentiles back to them, so that one giant moves nobody."""
    if not len(values):
        return values.astype(np.float64)
    low, high = np.percentile(values, [low_pct, high_pct])
    return np.clip(values.astype(np.float64), low, high)


def mid_rank_percentile(values: FloatArray) -> FloatArray:
    """Share of the population below each value, counting half of its ties; between 0 and 1."""
    if not len(values):
        return np.empty(0)
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    at_or_below = np.cumsum(count)
    return ((2 * at_or_below - count) / (2.0 * len(values)))[place]


def attribute_percentile(
    values: IntArray, missing: BoolArray, rule: AttributeRule, low_pct: float, high_pct: float
) -> FloatArray:
    """Percentile of each value among those present; missing ones by the rule's null policy."""
    result = np.full(len(values), 0.5 if rule.null_policy is NullPolicy.NEUTRAL else 0.0)
    present = ~missing
    percentile = mid_rank_percentile(winsorise(values[present], low_pct, high_pct))
    result[present] = percentile if rule.higher_is_better else 1.0 - percentile
    return result


def score(
    values: IntArray,
    missing: BoolArray,
    rules: list[AttributeRule],
    low_pct: float = 1.0,
    high_pct: float = 99.0,
) -> Scores:
    """Score entities (rows) on attributes (columns).

    The weights of an entity always add up to one: with ``REWEIGHT`` a missing attribute hands its
    weight to the others in proportion. An entity whose every weight is gone is not scored.
    """
    shape = values.shape
    percentiles, weights = np.zeros(shape), np.zeros(shape)
    for k, rule in enumerate(rules):
        percentiles[:, k] = attribute_percentile(
            values[:, k], missing[:, k], rule, low_pct, high_pct
        )
        drops = missing[:, k] & (rule.null_policy is NullPolicy.REWEIGHT)
        weights[:, k] = np.where(drops, 0.0, rule.weight)
    total = weights.sum(axis=1)
    is_scored = total > 0
    weights /= np.where(is_scored, total, 1.0)[:, None]
    contributions = np.rint(weights * percentiles * (100 * UNIT)).astype(np.int64)
    return Scores(percentiles, weights, contributions, contributions.sum(axis=1), is_scored)
