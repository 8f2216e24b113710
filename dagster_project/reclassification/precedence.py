"""Who decides: the levels of precedence, from rules up to legal exclusion.

Each level writes over what the weaker ones said. Dates and losers are made elsewhere.
"""

from dataclasses import dataclass

import numpy as np

from dagster_project.reclassification import guards
from dagster_project.reclassification.firing import NONE, Fired
from dagster_project.reclassification.rules import RuleSet
from dagster_project.reclassification.state import Inputs, State
from dagster_project.reclassification.vocabulary import (
    CAUSES,
    CHANGE_REQUEST,
    CONTRACT_FLOOR,
    EXCLUDED,
    EXCLUSION_ENDED,
    EXCLUSION_RULE,
    INHERIT,
    KEEP,
    LEGAL_EXCLUSION,
    MANUAL_OVERRIDE,
    MAX_OF_FAMILY,
    ONBOARDING,
    OVERRIDE_EXPIRED,
    PARENTS,
    RULE,
)
from dagster_project.segmentation.scores import BoolArray, IntArray

CODE = {cause: place for place, cause in enumerate(CAUSES)}
_WISHES = (INHERIT, MAX_OF_FAMILY, CHANGE_REQUEST, MANUAL_OVERRIDE, OVERRIDE_EXPIRED)


@dataclass
class Course:
    """Target and cause of each customer while the levels of precedence are gone through."""

    target: IntArray
    cause: IntArray
    beaten: list[tuple[IntArray, int, IntArray]]

    def decide(self, where: BoolArray, target: IntArray | int, cause: str) -> None:
        """A stronger level decides; a person's or family's wish that it beats is kept."""
        goals = np.broadcast_to(target, self.target.shape)
        for name in _WISHES:
            lost = np.flatnonzero(where & (self.cause == CODE[name]) & (self.target != goals))
            if len(lost):
                self.beaten.append((lost, CODE[name], self.target[lost]))
        self.target = np.where(where, goals, self.target)
        self.cause = np.where(where, CODE[cause], self.cause)


def winners(fired: Fired, count: int) -> IntArray:
    """Place of the first candidate of each customer that no guard holds back; -1 for none."""
    free = np.flatnonzero(fired.candidates.blocked == NONE)
    winner = np.full(count, NONE, dtype=np.int64)
    # Candidates stand in the order of the rules: written backwards, the first one stays.
    winner[fired.candidates.entity[free[::-1]]] = free[::-1]
    return winner


def rule_targets(fired: Fired, winner: IntArray, own: IntArray) -> IntArray:
    targets = np.append(fired.candidates.target, NONE)[winner]
    return np.where(winner >= 0, targets, own)


def decide_all(
    rule_set: RuleSet, state: State, inputs: Inputs, fired: Fired, winner: IntArray
) -> Course:
    """Go through the levels from the weakest to the strongest."""
    base = _base(rule_set, state, inputs, fired, winner)
    course = _above(rule_set, inputs, fired, base)
    if inputs.parent is None:
        return course
    for _ in range(64):
        with_family = _family(rule_set, state, inputs, fired, base, course)
        following = _above(rule_set, inputs, fired, with_family)
        if np.array_equal(following.target, course.target):
            return following
        course = following
    raise ValueError("the parents of some customers form a circle")


def _base(
    rule_set: RuleSet, state: State, inputs: Inputs, fired: Fired, winner: IntArray
) -> Course:
    """What rules and the ends of exclusions and overrides say."""
    segments, count = rule_set.segments, len(state)
    course = Course(state.rule_segment, np.full(count, CODE[KEEP]), [])
    course.decide(winner >= 0, rule_targets(fired, winner, state.rule_segment), RULE)
    back = np.where(state.last_tier >= 0, state.last_tier, segments.number(ONBOARDING))
    was_out = (state.rule_segment == segments.number(EXCLUDED)) & (winner < 0)
    course.decide(was_out, back, EXCLUSION_ENDED)
    ended = state.is_overridden & (state.segment != state.rule_segment)
    course.decide(ended, state.rule_segment, OVERRIDE_EXPIRED)
    return course


def _above(rule_set: RuleSet, inputs: Inputs, fired: Fired, base: Course) -> Course:
    """Override, contract floor and exclusions on top of what the weaker levels said."""
    segments = rule_set.segments
    course = Course(base.target, base.cause, [*base.beaten])
    if inputs.request is not None:
        course.decide(inputs.request >= 0, inputs.request, CHANGE_REQUEST)
    if inputs.override is not None:
        course.decide(inputs.override >= 0, inputs.override, MANUAL_OVERRIDE)
    if inputs.floor is not None:
        low = guards.not_below(course.target, inputs.floor, segments.tier_count) != course.target
        new = (inputs.floor >= 0) & (course.target == segments.number(ONBOARDING))
        course.decide(low | new, inputs.floor, CONTRACT_FLOOR)
    excluded = segments.number(EXCLUDED)
    course.decide(fired.excluded_by >= 0, excluded, EXCLUSION_RULE)
    if inputs.legal is not None:
        course.decide(inputs.legal, excluded, LEGAL_EXCLUSION)
    return course


def _family(
    rule_set: RuleSet,
    state: State,
    inputs: Inputs,
    fired: Fired,
    base: Course,
    course: Course,
) -> Course:
    """Let children follow their parent, and families their best member."""
    tiers, new = rule_set.segments.tier_count, rule_set.segments.number(ONBOARDING)
    parent = np.full(len(state), NONE) if inputs.parent is None else inputs.parent
    root = guards.family_root(parent)
    takes_part = inputs.present & (state.segment <= new)
    result = Course(base.target, base.cause, [*base.beaten])
    in_family = np.bincount(root, minlength=len(root))[root] > 1
    shares = takes_part & in_family & (fired.family == PARENTS.index(MAX_OF_FAMILY))
    best = np.full(len(state), tiers)
    member = shares & (base.target < tiers)
    np.minimum.at(best, root[member], base.target[member])
    best = best[root]
    result.decide(shares & (best < tiers) & (best != base.target), best, MAX_OF_FAMILY)
    above = course.target[parent]
    follows = takes_part & (parent >= 0) & (fired.family == PARENTS.index(INHERIT))
    result.decide(follows & (above < tiers), above, INHERIT)
    return result
