"""What the engine remembers between evaluations, and what it is told for one.

All arrays have one element per customer, in one order that the caller keeps. Segments are numbers
(``Segments.codes``), days count from 1970-01-01. Nothing here decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from dagster_project.reclassification.effective import NEVER, Calendar
from dagster_project.reclassification.metrics import Metric
from dagster_project.reclassification.rules import RuleSet
from dagster_project.reclassification.scope import Attributes
from dagster_project.reclassification.vocabulary import DORMANT, ONBOARDING
from dagster_project.segmentation.scores import BoolArray, IntArray


@dataclass(frozen=True)
class State:
    """Where every customer stands. ``since_day`` may lie ahead: decided, but not yet in force.

    ``rule_segment`` is where the rules alone would have the customer; it differs from ``segment``
    only while a manual override is in force, and is what the customer returns to afterwards.
    The streaks have one column per rule: evaluations in a row in which its condition held.
    """

    segment: IntArray
    since_day: IntArray
    last_tier: IntArray
    reactivated_day: IntArray
    rule_segment: IntArray
    rule_since_day: IntArray
    is_overridden: BoolArray
    override_end_day: IntArray
    up_streak: NDArray[np.int16]
    down_streak: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.segment)

    def take(self, who: IntArray) -> "State":
        """The state of some customers."""
        return State(**{name: values[who] for name, values in vars(self).items()})

    def put(self, who: IntArray, part: "State") -> "State":
        """The state with that of some customers replaced."""
        new = {}
        for name, values in vars(self).items():
            new[name] = values.copy(order="K")
            new[name][who] = getattr(part, name)
        return State(**new)


@dataclass(frozen=True)
class Inputs:
    """What one evaluation knows.

    Args:
        day: Day of the decision.
        period: Column of the metrics that is the last one known.
        metrics: By metric_id.
        attributes: What scopes may name, by attribute.
        calendar: Fiscal calendar that covers the day and what may take effect from it.
        present: Customers that exist; of the others nothing is decided and no streak runs on.
        cadences: Which cadences are due; event rules look at their events at any time.
        events: By kind, who had such an event since the last evaluation.
        parent: Position of the parent, -1 for none.
        floor: Tier that a contract in force promises at least, -1 for none.
        floor_since_day: First day of that contract where it was not known before, ``NEVER``
            elsewhere: a known one has counted since then already.
        override: Segment of a valid manual override, -1 for none.
        request: Segment of a request that moves the customer on this day, -1 for none; from there
            the rules go on.
        wish_since_day: First day for which the override or request shall count, ``NEVER`` for the
            day itself.
        wish_open_from_day: Earliest day to which it may reach back.
        legal: Who must be excluded by law or compliance.
        renewal_day: Next contract renewal, ``NEVER`` for none.
        merged_segment: Segment of the customer that was merged in, -1 for none.
        open_from_day: First day that is not in a closed period.
        needs_approval: Whether a move that a rule does not make by itself waits for people.
    """

    day: int
    period: int
    metrics: Mapping[str, Metric]
    attributes: Attributes
    calendar: Calendar
    present: BoolArray
    cadences: frozenset[str] = frozenset({"DAILY", "MONTHLY"})
    events: Mapping[str, BoolArray] = field(default_factory=dict)
    parent: IntArray | None = None
    floor: IntArray | None = None
    floor_since_day: IntArray | None = None
    override: IntArray | None = None
    request: IntArray | None = None
    wish_since_day: IntArray | None = None
    wish_open_from_day: IntArray | int = NEVER
    legal: BoolArray | None = None
    renewal_day: IntArray | None = None
    merged_segment: IntArray | None = None
    open_from_day: int = NEVER
    needs_approval: bool = False


def begin(rule_set: RuleSet, start_day: IntArray, segment: IntArray | None = None) -> State:
    """State before the first evaluation: everybody new, unless segments are given."""
    count = len(start_day)
    segments = rule_set.segments
    first = np.full(count, segments.number(ONBOARDING)) if segment is None else segment
    first = first.astype(np.int64)
    since = start_day.astype(np.int64)
    streak = np.zeros((count, len(rule_set.rules)), dtype=np.int16, order="F")
    return State(
        segment=first,
        since_day=since,
        last_tier=np.where(first < segments.tier_count, first, -1),
        reactivated_day=np.full(count, NEVER, dtype=np.int64),
        rule_segment=first,
        rule_since_day=since,
        is_overridden=np.zeros(count, dtype=bool),
        override_end_day=np.full(count, NEVER, dtype=np.int64),
        up_streak=streak,
        down_streak=streak.copy(order="F"),
    )


def carry(state: State, before: RuleSet, after: RuleSet) -> State:
    """The state for a changed set of rules: an unchanged rule keeps its streaks, others start."""
    places = {(rule.rule_id, rule.version): k for k, rule in enumerate(before.rules)}
    streaks = []
    for old in (state.up_streak, state.down_streak):
        new = np.zeros((len(state), len(after.rules)), dtype=np.int16, order="F")
        for place, rule in enumerate(after.rules):
            known = places.get((rule.rule_id, rule.version))
            if known is not None and before.rules[known] == rule:
                new[:, place] = old[:, known]
        streaks.append(new)
    return replace(state, up_streak=streaks[0], down_streak=streaks[1])


def refuse(before: State, after: State, refused: BoolArray) -> State:
    """The state when some proposals were turned down: those customers stay where they were.

    Their streaks run on, so the next evaluation proposes again what still holds.
    """
    kept = {
        name: np.where(refused, getattr(before, name), getattr(after, name))
        for name in (
            "segment",
            "since_day",
            "last_tier",
            "reactivated_day",
            "rule_segment",
            "rule_since_day",
        )
    }
    return replace(after, **kept)


def accept(
    state: State, rule_set: RuleSet, customer: int, segment: int, since_day: int, day: int
) -> State:
    """The state after people approved one customer's waiting move on a day.

    Args:
        state: Before; is not changed.
        rule_set: Names the segments.
        customer: Position of the customer.
        segment: Where it moves.
        since_day: First day on which it holds.
        day: Day of the approval.
    """
    segments = rule_set.segments
    now = {"segment": segment, "since_day": since_day}
    now |= {"rule_segment": segment, "rule_since_day": since_day}
    if segment < segments.tier_count:
        now["last_tier"] = segment
    if state.segment[customer] == segments.number(DORMANT):
        now["reactivated_day"] = day
    return _with(state, customer, now)


def turn_down(state: State, customer: int, day: int) -> State:
    """The state after people rejected a waiting move: rules cool off as after an override."""
    return _with(state, customer, {"override_end_day": day})


def _with(state: State, customer: int, values: Mapping[str, int]) -> State:
    changed = {name: getattr(state, name).copy() for name in values}
    for name, value in values.items():
        changed[name][customer] = value
    return replace(state, **changed)


def overrides_on(
    day: int,
    entity: IntArray,
    from_day: IntArray,
    until_day: IntArray,
    sequence: IntArray,
    count: int,
) -> IntArray:
    """Place of the override that is valid on a day; of several the one decided last, -1 for none.

    Args:
        day: Day of the evaluation; ``until_day`` no longer counts.
        entity: Position of the customer, one element per override, like the next three.
        sequence: Number of the decision in the log, without repetition.
        count: Number of customers.
    """
    valid = np.flatnonzero((from_day <= day) & (day < until_day))
    valid = valid[np.argsort(sequence[valid], kind="stable")]
    result = np.full(count, -1, dtype=np.int64)
    result[entity[valid]] = valid
    return result


def floors_on(
    day: int,
    entity: IntArray,
    tier: IntArray,
    from_day: IntArray,
    until_day: IntArray,
    count: int,
) -> IntArray:
    """Place of the contract in force that promises the best tier, -1 for none.

    Of equal ones it is the oldest, of equally old ones the first in the order given.
    """
    valid = np.flatnonzero((from_day <= day) & (day < until_day))
    # The last write stays: the best tier, and of equal ones the oldest contract.
    valid = valid[np.lexsort((-valid, -from_day[valid], -tier[valid]))]
    place = np.full(count, -1, dtype=np.int64)
    place[entity[valid]] = valid
    return place
