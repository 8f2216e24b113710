"""How much of a scheme hangs on one weight, and which attribute gave how much of a score.

Tiers here are those of the score alone, by ``threshold_up``: what the engine remembers of an
entity (hysteresis, dwell) would hide what a weight does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dagster_project.errors import UsageError
from dagster_project.segmentation.engine import Population
from dagster_project.segmentation.policy import Scheme
from dagster_project.segmentation.scores import AttributeRule, IntArray, Scores, score


@dataclass(frozen=True)
class Swing:
    """Entities that change tier when one weight is lowered and raised, others rescaled."""

    attribute_id: str
    weight: float
    weight_low: float
    weight_high: float
    moved_low: int
    moved_high: int
    entities: int

    @property
    def share(self) -> float:
        """The larger of the two shares of entities; 0 without entities."""
        return max(self.moved_low, self.moved_high) / self.entities if self.entities else 0.0


def tier_by_score(points: IntArray, scheme: Scheme) -> IntArray:
    """Index of the best tier whose upper threshold a score reaches; the last tier starts at 0.

    Args:
        points: Scores in ten-thousandths of a point.
        scheme: Its tiers run from the best to the worst.
    """
    limits = np.array([tier.up for tier in scheme.tiers])
    return np.argmax(points[:, None] >= limits[None, :], axis=1)


def with_weight(
    rules: Sequence[AttributeRule], attribute_id: str, weight: float
) -> list[AttributeRule]:
    """Give one attribute a share of the whole and scale the others to the rest.

    The weights that come back add up to one.

    Raises:
        UsageError: The share is not between 0 and 1, or the scheme has no such attribute.
    """
    if attribute_id not in {rule.attribute_id for rule in rules} or not 0 <= weight <= 1:
        raise UsageError(
            f"The weight of {attribute_id} cannot be {weight:g}.",
            f"Weights are between 0 and 1; attributes: {[r.attribute_id for r in rules]}.",
            "Choose a smaller change.",
        )
    rest = sum(rule.weight for rule in rules if rule.attribute_id != attribute_id)
    scale = (1.0 - weight) / rest if rest else 0.0
    return [
        replace(rule, weight=weight if rule.attribute_id == attribute_id else rule.weight * scale)
        for rule in rules
    ]


def tornado(population: Population, scheme: Scheme, change: float = 0.10) -> list[Swing]:
    """Move each weight by a share of itself, down and up, and count who changes tier.

    Args:
        population: Entities scored against each other in one evaluation.
        scheme: The policy in force.
        change: Share of the weight, 0.10 for a tenth.

    Returns:
        One row per attribute, the most sensitive first, ties by name.

    Raises:
        UsageError: The change is not between 0 and 1.
    """
    if not 0 < change <= 1:
        raise UsageError(f"A change of {change:g} is not between 0 and 1.", "", "Try 0.10.")
    base = scheme.attributes
    total = sum(rule.weight for rule in base)
    before = _tiers(population, scheme, base)
    found = []
    for rule in base:
        weight = rule.weight / total
        low, high = weight * (1 - change), min(1.0, weight * (1 + change))
        moved = [
            int(
                (
                    _tiers(population, scheme, with_weight(base, rule.attribute_id, w)) != before
                ).sum()
            )
            for w in (low, high)
        ]
        found.append(Swing(rule.attribute_id, weight, low, high, moved[0], moved[1], len(before)))
    return sorted(found, key=lambda swing: (-swing.share, swing.attribute_id))


def rescored(population: Population, scheme: Scheme, rules: Sequence[AttributeRule]) -> Scores:
    """Score a population again with other rules for the same attributes in the same order."""
    limits = (scheme.winsor_low_pct, scheme.winsor_high_pct)
    return score(population.values, population.missing, list(rules), *limits)


def _tiers(population: Population, scheme: Scheme, rules: Sequence[AttributeRule]) -> IntArray:
    """Tier index of each entity; -1 where no attribute has a value."""
    scores = rescored(population, scheme, rules)
    return np.where(scores.is_scored, tier_by_score(scores.score, scheme), -1)


@dataclass(frozen=True)
class Share:
    """What one attribute gives to a score, in ten-thousandths of a point."""

    attribute_id: str
    contribution: int


def contributions(population: Population, scheme: Scheme, position: int) -> list[Share]:
    """Parts of the score of one entity, the largest first; they add up to it exactly.

    Args:
        population: Entities scored against each other in one evaluation.
        scheme: The policy that scored them.
        position: Place of the entity within the population.
    """
    parts = population.scores.contributions[position]
    rows = [
        Share(rule.attribute_id, int(part))
        for rule, part in zip(scheme.attributes, parts, strict=True)
    ]
    return sorted(rows, key=lambda row: (-row.contribution, row.attribute_id))
