"""Which rules fire for whom, where they point, and which guard holds them back.

A rule fires for a customer when it is due, the customer is in its scope, its condition has held
often enough, and its target is another segment. Streaks count the condition on the metric alone:
whether the customer was in scope, in a frozen season or resting does not interrupt them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dagster_project.reclassification import guards
from dagster_project.reclassification.conditions import count_on, downward, measure, upward
from dagster_project.reclassification.effective import NEVER
from dagster_project.reclassification.metrics import aggregate
from dagster_project.reclassification.rules import Rule, RuleSet
from dagster_project.reclassification.scope import Attributes, Words
from dagster_project.reclassification.state import Inputs, State
from dagster_project.reclassification.vocabulary import (
    GUARDS,
    NO_EVENT,
    PARENTS,
    RE_EVALUATE,
)
from dagster_project.segmentation.scores import BoolArray, FloatArray, IntArray

NONE = -1


@dataclass(frozen=True)
class Candidates:
    """One element per customer and rule that fired; ``blocked`` is a place in ``GUARDS`` or -1."""

    entity: IntArray
    rule: IntArray
    target: IntArray
    blocked: IntArray
    value: FloatArray
    threshold: FloatArray
    held: IntArray


@dataclass(frozen=True)
class Fired:
    """Candidates in the order of the rules, who is excluded by which rule, and the streaks.

    ``family`` is the strongest wish about parents among the rules that speak for the customer.
    """

    candidates: Candidates
    excluded_by: IntArray
    family: IntArray
    up_streak: NDArray[np.int16]
    down_streak: NDArray[np.int16]


def fire(rule_set: RuleSet, state: State, inputs: Inputs) -> Fired:
    """Evaluate all rules on the customers' rule segments."""
    return _Firing(rule_set, state, inputs).run()


class _Firing:
    def __init__(self, rule_set: RuleSet, state: State, inputs: Inputs) -> None:
        self.rule_set, self.state, self.inputs = rule_set, state, inputs
        self.tier_count = rule_set.segments.tier_count
        self.own, self.count = state.rule_segment, len(state)
        self.attributes = _with_state(rule_set, state, inputs)
        self.floor = inputs.floor if inputs.floor is not None else np.full(self.count, NONE)
        self.override_end = _override_end(state, inputs)
        self.excluded_by = np.full(self.count, NONE, dtype=np.int64)
        self.family = np.zeros(self.count, dtype=np.int64)
        self.up_streak = state.up_streak.copy(order="F")
        self.down_streak = state.down_streak.copy(order="F")
        self.parts: list[Candidates] = []
        self.aggregates: dict[tuple, tuple[FloatArray, IntArray]] = {}
        again = [inputs.events[kind] for kind in RE_EVALUATE if kind in inputs.events]
        self.again = np.logical_or.reduce(again) if again else np.zeros(self.count, dtype=bool)

        self.is_again = bool(self.again.any())

    def run(self) -> Fired:
        for place, rule in enumerate(self.rule_set.rules):
            if rule.is_active(self.inputs.day):
                self._rule(place, rule)
            else:
                self.up_streak[:, place] = self.down_streak[:, place] = 0
        return Fired(
            _joined(self.parts), self.excluded_by, self.family, self.up_streak, self.down_streak
        )

    def _rule(self, place: int, rule: Rule) -> None:
        is_due = rule.cadence in self.inputs.cadences
        waits = rule.trigger_event in self.inputs.events
        if not (is_due or waits or self.is_again or self.inputs.parent is not None):
            return
        in_scope = self.inputs.present & rule.scope.holds(self.attributes, self.count)
        if self.inputs.parent is not None and rule.level:
            wish = PARENTS.index(rule.respects_parent)
            self.family = np.where(in_scope, np.maximum(self.family, wish), self.family)
        speaks = in_scope if is_due else in_scope & self.again
        if rule.trigger_event != NO_EVENT:
            happened = self.inputs.events.get(rule.trigger_event)
            speaks = in_scope & happened if happened is not None else np.zeros_like(in_scope)
        if not is_due and not speaks.any():
            return
        value, up, down = self._condition(rule, in_scope)
        if is_due or rule.trigger_event != NO_EVENT:
            present = self.inputs.present
            self.up_streak[:, place] = count_on(self.up_streak[:, place], up & present)
            self.down_streak[:, place] = count_on(self.down_streak[:, place], down & present)
        rises = speaks & up & (self.up_streak[:, place] >= rule.consecutive)
        falls = speaks & down & (self.down_streak[:, place] >= rule.consecutive)
        if rule.direction == "TO_SPECIFIC":
            hit = rises if rule.threshold_up is not None or not rule.metric_id else falls
            self._go(place, rule, hit, value, hit is rises)
            return
        if rule.direction in ("UP", "BOTH"):
            self._climb(place, rule, rises, value)
        if rule.direction in ("DOWN", "BOTH"):
            self._fall(place, rule, falls, value)

    # Conditions ---------------------------------------------------------------------------------

    def _condition(
        self, rule: Rule, in_scope: BoolArray
    ) -> tuple[FloatArray, BoolArray, BoolArray]:
        """What is compared, and where the upward and the downward condition hold."""
        if not rule.metric_id:
            always = np.ones(self.count, dtype=bool)
            return np.full(self.count, np.nan), always, always
        value, seen = self._aggregate(rule, 0)
        before = self._aggregate(rule, 1)[0] if rule.operator == "CHANGE_PCT" else None
        enough = seen >= max(rule.min_observations, 1)
        can_rise = enough if rule.missing_data != "DEMOTE_NO" else seen >= 1
        value = np.where(can_rise, value, np.nan)
        value = measure(rule.operator, value, before, in_scope)
        limits = (rule.threshold_up, rule.threshold_down)
        up = upward(rule.operator, value, *limits)
        return value, up, downward(rule.operator, value, *limits) & enough

    def _aggregate(self, rule: Rule, back: int) -> tuple[FloatArray, IntArray]:
        columns = rule.window.slice_at(self.inputs.period, back)
        confidence = rule.min_confidence if rule.missing_data == "USE_IMPUTED" else 1.0
        key = (rule.metric_id, rule.aggregation, columns.start, columns.stop, confidence)
        if key not in self.aggregates:
            metric = self.inputs.metrics[rule.metric_id]
            self.aggregates[key] = aggregate(metric, rule.aggregation, columns, confidence)
        return self.aggregates[key]

    # Where a rule points ------------------------------------------------------------------------

    def _climb(self, place: int, rule: Rule, rises: BoolArray, value: FloatArray) -> None:
        if rule.target_segment:
            goal = self.rule_set.segments.number(rule.target_segment)
            who = np.flatnonzero(rises & (self.own > goal) & (self.own < self.tier_count))
            wanted = np.full(len(who), goal)
        else:
            who = np.flatnonzero(rises & (self.own > 0) & (self.own < self.tier_count))
            wanted = np.maximum(self.own[who] - rule.max_steps, 0)
        self._add(place, rule, who, wanted, value, True)

    def _fall(self, place: int, rule: Rule, falls: BoolArray, value: FloatArray) -> None:
        last = self.tier_count - 1
        if rule.target_segment:
            left = self.rule_set.segments.number(rule.target_segment)
            who = np.flatnonzero(falls & (self.own <= left) & (left < last))
            wanted = np.full(len(who), left + 1)
        else:
            who = np.flatnonzero(falls & (self.own < last))
            wanted = np.minimum(self.own[who] + rule.max_steps, last)
        self._add(place, rule, who, wanted, value, False)

    def _go(self, place: int, rule: Rule, hit: BoolArray, value: FloatArray, is_up: bool) -> None:
        segments = self.rule_set.segments
        if rule.level == 0:
            first = hit & (self.excluded_by == NONE)
            self.excluded_by[first] = place
            return
        if "current_segment" not in rule.scope.names:
            hit = hit & (self.own != len(segments.codes) - 1)
        if rule.target_segment:
            goal = np.full(self.count, segments.number(rule.target_segment))
        else:
            other = self.inputs.merged_segment
            is_tier = other is not None and (other >= 0) & (other < self.tier_count)
            goal = np.where(is_tier, np.minimum(self.own, NONE if other is None else other), NONE)
        who = np.flatnonzero(hit & (goal != self.own) & (goal >= 0))
        self._add(place, rule, who, goal[who], value, is_up)

    def _add(
        self,
        place: int,
        rule: Rule,
        who: IntArray,
        wanted: IntArray,
        value: FloatArray,
        is_up: bool,
    ) -> None:
        if not len(who):
            return
        own, day = self.own[who], self.inputs.day
        target = wanted
        if rule.trigger_event != "MERGE":
            target = guards.limit_steps(own, wanted, rule.max_steps, self.tier_count)
        blocked = np.full(len(who), NONE, dtype=np.int64)
        calendar = self.inputs.calendar
        frozen = np.full(len(who), guards.is_frozen(rule.freeze_windows, day, calendar))
        dwell = guards.dwelling(self.state.rule_since_day[who], day, rule.min_dwell_days)
        resting = (rule.min_dwell_days > 0) & dwell
        ahead = (own < self.tier_count) & (target < self.tier_count)
        resting |= ahead & guards.dwelling(self.state.rule_since_day[who], day, 0)
        cool = guards.cooling_off(self.override_end[who], day, rule.cool_off_days)
        lifted, under = self._floored(rule, who, own, target)
        for guard, where in zip(GUARDS, (under, frozen, resting, cool), strict=True):
            blocked[where & (blocked == NONE)] = GUARDS.index(guard)
        streak = self.up_streak if is_up else self.down_streak
        limit = rule.threshold_up if is_up else rule.threshold_down
        self.parts.append(
            Candidates(
                who,
                np.full(len(who), place, dtype=np.int64),
                np.where(under, target, lifted),
                blocked,
                value[who],
                np.full(len(who), np.nan if limit is None else limit),
                streak[who, place].astype(np.int64),
            )
        )

    def _floored(
        self, rule: Rule, who: IntArray, own: IntArray, target: IntArray
    ) -> tuple[IntArray, BoolArray]:
        """Targets of falls lifted to the contract floor, and where that leaves no fall at all."""
        floor = self.floor[who]
        falls = (own < self.tier_count) & (target > own)
        if not rule.respects_contract_floor:
            return target, np.zeros(len(who), dtype=bool)
        lifted = np.where(falls, guards.not_below(target, floor, self.tier_count), target)
        leaves = falls & (target >= self.tier_count) & (floor >= 0)
        return lifted, leaves | (falls & (lifted <= own))


def _with_state(rule_set: RuleSet, state: State, inputs: Inputs) -> Attributes:
    """The attributes of the caller and those that the engine knows itself."""
    codes = rule_set.segments.codes
    woken = inputs.day - state.reactivated_day.astype(np.float64)
    return {
        **inputs.attributes,
        "current_segment": Words(state.rule_segment, codes),
        "last_tier": Words(
            np.where(state.last_tier < 0, len(codes), state.last_tier), (*codes, "NONE")
        ),
        "days_in_segment": (inputs.day - state.rule_since_day).astype(np.float64),
        "days_since_reactivation": np.where(state.reactivated_day > NEVER, woken, np.nan),
    }


def _override_end(state: State, inputs: Inputs) -> IntArray:
    """Day on which the last override ended; the day itself where it is found to have ended."""
    valid = False if inputs.override is None else inputs.override >= 0
    return np.where(state.is_overridden & ~np.asarray(valid), inputs.day, state.override_end_day)


def _joined(parts: list[Candidates]) -> Candidates:
    def column(name: str, dtype: type) -> NDArray:
        return np.concatenate([np.empty(0, dtype), *(getattr(part, name) for part in parts)])

    return Candidates(
        entity=column("entity", np.int64),
        rule=column("rule", np.int64),
        target=column("target", np.int64),
        blocked=column("blocked", np.int64),
        value=column("value", np.float64),
        threshold=column("threshold", np.float64),
        held=column("held", np.int64),
    )
