"""The reclassification engine: state, knowledge and rules in; proposals and the next state out.

Precedence per customer and evaluation, from the strongest: legal exclusion, exclusion rule,
contract floor, valid manual override, approved request, parent rule, event rules, threshold rules
by (priority, rule_id), keep. Pure and vectorised: the same inputs give the same proposals,
whatever the order of rules or customers, and a replay from the first evaluation equals going on
from the last state.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from dagster_project.reclassification.effective import NEVER, back_dated, effective_day
from dagster_project.reclassification.firing import NONE, Fired, fire
from dagster_project.reclassification.precedence import (
    CODE,
    Course,
    decide_all,
    rule_targets,
    winners,
)
from dagster_project.reclassification.proposals import Losers, Proposals, collect, waiting
from dagster_project.reclassification.rules import RuleSet
from dagster_project.reclassification.state import Inputs, State
from dagster_project.reclassification.vocabulary import (
    CHANGE_REQUEST,
    CONTRACT_FLOOR,
    DORMANT,
    EXCLUSION_RULE,
    INHERIT,
    MANUAL_OVERRIDE,
    RULE,
)
from dagster_project.segmentation.scores import BoolArray, IntArray


def evaluate(rule_set: RuleSet, state: State, inputs: Inputs) -> tuple[Proposals, State]:
    """Make one evaluation.

    Args:
        rule_set: Rules in their order.
        state: Where the customers stand; is not changed.
        inputs: What is known on the day.

    Returns:
        The proposals of the customers for whom anything happened, and the state if all of them
        are accepted that do not wait for people (``state.refuse`` takes some back).

    Raises:
        KeyError: A metric or attribute that a rule names was not handed over.
        ValueError: The calendar is too short, or parents form a circle.
    """
    fired = fire(rule_set, state, inputs)
    winner = winners(fired, len(state))
    course = decide_all(rule_set, state, inputs, fired, winner)
    effective, restates, rule_day = _effective(rule_set, state, inputs, fired, winner, course)
    changed = inputs.present & (course.target != state.segment)
    goal = (state.segment, course.target, course.cause)
    waits = waiting(rule_set, inputs, fired, winner, *goal, changed)
    changed &= ~waits
    proposals = collect(
        rule_set,
        inputs,
        fired,
        winner,
        *goal,
        effective,
        restates,
        changed,
        waits,
        _losers(fired, winner, course),
    )
    after = _advance(rule_set, state, inputs, fired, winner, course, changed, effective, rule_day)
    return proposals, after


def replay(
    rule_set: RuleSet, state: State, evaluations: Iterable[Inputs]
) -> tuple[list[Proposals], State]:
    """Make evaluations one after the other, each accepted as proposed."""
    made = []
    for inputs in evaluations:
        proposals, state = evaluate(rule_set, state, inputs)
        made.append(proposals)
    return made, state


# Dates ------------------------------------------------------------------------------------------


def _effective(
    rule_set: RuleSet,
    state: State,
    inputs: Inputs,
    fired: Fired,
    winner: IntArray,
    course: Course,
) -> tuple[IntArray, BoolArray, IntArray]:
    """First day of validity, where closed days would have been restated, and the rules' own day."""
    count = len(state)
    rule_day = np.full(count, inputs.day, dtype=np.int64)
    renewal = np.full(count, NEVER) if inputs.renewal_day is None else inputs.renewal_day
    moved = np.flatnonzero(winner >= 0)
    rules = fired.candidates.rule[winner[moved]]
    for place in np.unique(rules):
        rule, who = rule_set.rules[place], moved[rules == place]
        rule_day[who] = effective_day(
            rule.effective, rule.notice_days, inputs.day, inputs.calendar, renewal[who]
        )
    effective = np.where(course.cause == CODE[RULE], rule_day, inputs.day)
    restates = np.zeros(count, dtype=bool)
    if inputs.floor_since_day is not None:
        day, closed = back_dated(inputs.floor_since_day, inputs.day, inputs.open_from_day)
        lifted = course.cause == CODE[CONTRACT_FLOOR]
        effective, restates = np.where(lifted, day, effective), lifted & closed
    if inputs.wish_since_day is not None:
        day, closed = back_dated(inputs.wish_since_day, inputs.day, inputs.wish_open_from_day)
        wished = np.isin(course.cause, (CODE[CHANGE_REQUEST], CODE[MANUAL_OVERRIDE]))
        effective, restates = np.where(wished, day, effective), restates | (wished & closed)
    if inputs.parent is not None:
        since = np.where(course.target != state.segment, effective, state.since_day)
        follows = course.cause == CODE[INHERIT]
        for _ in range(64):
            later = np.where(follows, np.maximum(since[inputs.parent], inputs.day), since)
            if np.array_equal(later, since):
                break
            since = later
        effective = np.where(follows, since, effective)
    return effective, restates, rule_day


# Losers and the next state ----------------------------------------------------------------------


def _losers(fired: Fired, winner: IntArray, course: Course) -> Losers:
    """Every candidate that did not decide, with the guard, level or rule that beat it."""
    c = fired.candidates
    cause = course.cause[c.entity]
    by_rule = cause == CODE[RULE]
    is_winner = by_rule & (winner[c.entity] == np.arange(len(c.entity)))
    lost = np.flatnonzero(~is_winner)
    beating = np.append(c.rule, NONE)[winner[c.entity]]
    stronger = np.where(by_rule, NONE, cause)
    excluded = cause == CODE[EXCLUSION_RULE]
    beating = np.where(excluded, fired.excluded_by[c.entity], beating)
    parts = [
        (c.entity[lost], c.rule[lost], np.full(len(lost), NONE), c.target[lost]),
        *(
            (who, np.full(len(who), NONE), np.full(len(who), code), target)
            for who, code, target in course.beaten
        ),
    ]
    entity, rule, level, target = (np.concatenate(column) for column in zip(*parts, strict=True))
    wishes = entity[len(lost) :]
    none = np.full(len(wishes), NONE)
    by_rule_too = np.where(
        course.cause[wishes] == CODE[EXCLUSION_RULE], fired.excluded_by[wishes], none
    )
    order = np.lexsort((rule, level, entity))
    return Losers(
        entity=entity[order],
        rule=rule[order],
        level=level[order],
        target=target[order],
        guard=np.append(c.blocked[lost], none)[order],
        beaten_by_level=np.append(stronger[lost], course.cause[wishes])[order],
        beaten_by_rule=np.append(beating[lost], by_rule_too)[order],
    )


def _advance(
    rule_set: RuleSet,
    state: State,
    inputs: Inputs,
    fired: Fired,
    winner: IntArray,
    course: Course,
    changed: BoolArray,
    effective: IntArray,
    rule_day: IntArray,
) -> State:
    """The state if everything is accepted."""
    segments = rule_set.segments
    segment = np.where(changed, course.target, state.segment)
    since = np.where(changed, effective, state.since_day)
    none = np.zeros(len(state), dtype=bool)
    overridden = none if inputs.override is None else inputs.override >= 0
    # Under an override the rules go on by themselves, so that its end returns to their result.
    by_rules = overridden & (winner >= 0)
    if inputs.needs_approval:
        alone_may = np.array([*(rule.approval == "AUTO" for rule in rule_set.rules), False])
        by_rules &= alone_may[np.append(fired.candidates.rule, NONE)[winner]]
    alone = np.where(by_rules, rule_targets(fired, winner, segment), state.rule_segment)
    alone_since = np.where(by_rules, rule_day, state.rule_since_day)
    woken = changed & (state.segment == segments.number(DORMANT))
    is_tier = changed & (segment < segments.tier_count)
    ended = state.is_overridden & ~overridden
    return replace(
        state,
        segment=segment,
        since_day=since,
        last_tier=np.where(is_tier, segment, state.last_tier),
        reactivated_day=np.where(woken, inputs.day, state.reactivated_day),
        rule_segment=np.where(overridden, alone, segment),
        rule_since_day=np.where(overridden, alone_since, since),
        is_overridden=overridden,
        override_end_day=np.where(ended, inputs.day, state.override_end_day),
        up_streak=fired.up_streak,
        down_streak=fired.down_streak,
    )
