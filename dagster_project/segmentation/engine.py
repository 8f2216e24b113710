"""Replays a scheme: who is scored month by month, and what the rules make of it.

The evaluation of month *m* happens at record time ``R(m)``, the first day of the next month plus
the policy's lag, and is made once ``R(m)`` has come. In between the rules look only at entities for
which a contract or an approved request begins or ends that day. Pure: the same rows in any order
give the same events, and a longer history only appends to them.
"""

import numpy as np

from dagster_project.reclassification.effective import NEVER, Calendar
from dagster_project.reclassification.engine import evaluate as apply_rules
from dagster_project.reclassification.state import Inputs, begin
from dagster_project.reclassification.vocabulary import CAUSES, DORMANT, EXCLUDED
from dagster_project.segmentation.facts import Facts
from dagster_project.segmentation.happened import dissolved, happened, merged_segment
from dagster_project.segmentation.history import (
    Activity,
    Entities,
    first_day_of,
    month_number,
)
from dagster_project.segmentation.outcome import Evaluation, Event, Outcome, Ruling
from dagster_project.segmentation.policy import Scheme
from dagster_project.segmentation.scores import BoolArray, IntArray
from dagster_project.segmentation.scoring import STATUS, Found, Population, Scoring
from dagster_project.segmentation.told import Told, said_on
from dagster_project.segmentation.waiting import Ledger

__all__ = ["STATUS", "Evaluation", "Event", "Outcome", "Population", "evaluate", "evaluated_months"]

_FAMILY, _RANKED = "INDEPENDENT", ("RANK_TOP_PCT", "ZSCORE")


def evaluated_months(activity: Activity, scheme: Scheme, as_of: str) -> range:
    """Months whose record time has come by the end of the logical date."""
    first = activity.first_month
    if first is None:
        return range(0)
    end = _end_of(as_of)
    last = month_number(np.datetime64(as_of, "D"))
    while first_day_of(last + 1) + scheme.record_lag_days > end:
        last -= 1
    return range(first, last + 1)


def _end_of(as_of: str) -> int:
    """The moment at which the logical date is over."""
    return int(np.datetime64(as_of, "D").astype(int)) + 1


def evaluate(
    entities: Entities, activity: Activity, scheme: Scheme, as_of: str, told: Told | None = None
) -> Outcome:
    """Replay all evaluations of one scheme up to the logical date.

    Args:
        entities: Ordered by id.
        activity: What they did, month by month.
        scheme: The policy.
        as_of: Last day that the data cover, ``YYYY-MM-DD``.
        told: What contracts and people say; nothing when left out.

    Raises:
        UsageError: A rule cannot be used.
        ValueError: The parents of some entities form a circle.
    """
    run = _Run(entities, activity, scheme, evaluated_months(activity, scheme, as_of), told)
    run.replay(_end_of(as_of))
    return run.outcome


class _Run:
    """State of the replay: one array element per entity."""

    def __init__(
        self,
        entities: Entities,
        activity: Activity,
        scheme: Scheme,
        months: range,
        told: Told | None,
    ) -> None:
        self.entities, self.scheme, self.months = entities, scheme, months
        self.told = told or Told()
        self.rule_set = scheme.rule_set
        self.outcome = Outcome(self.rule_set)
        self.start_day = entities.start_day
        self.scoring = Scoring(entities, activity, scheme, months)
        self.facts = Facts(self.rule_set, entities, months, self.scoring)
        segments = scheme.segments
        self.tier_count = segments.tier_count
        excluded, new = segments.number(EXCLUDED), segments.number("N0")
        first = np.where(entities.is_excluded, excluded, new)
        self.state = begin(self.rule_set, self.start_day, first)
        self.waiting = Ledger(self.rule_set, scheme.codes)
        self.calendar = self.told.calendar or Calendar.of_months(1990, 2100)
        rules = self.rule_set.rules
        family = self.told.family
        wanted = any(rule.respects_parent != _FAMILY for rule in rules)
        self.has_families = wanted and family.has_parents
        self.needs_everybody = self.has_families or any(r.operator in _RANKED for r in rules)
        self.everybody = np.arange(len(entities))
        self._begin()

    def _begin(self) -> None:
        reasons = self.entities.exclusion_reason
        for entity in range(len(self.entities)):
            day = int(self.start_day[entity])
            if self.entities.is_excluded[entity]:
                reason = f"Excluded from segmentation: {reasons[entity]}."
                said = ("X0", day, day, "EXCLUDED", "EXCLUSION_RULE", reason)
            else:
                reason = "New: too little history to be scored."
                said = ("N0", day, day, "FIRST_SEEN", "FIRST_SEEN", reason)
            self.outcome.events.append(Event(entity, None, None, *said))

    def replay(self, end: int) -> None:
        """Go through all days up to a moment."""
        waits = any(rule.trigger_event.startswith("CONTRACT") for rule in self.rule_set.rules)
        between = dict(self.told.days(self.start_day, end, waits))
        monthly = {first_day_of(m + 1) + self.scheme.record_lag_days: m for m in self.months}
        verdicts = set(self.told.verdicts.moment.tolist())
        for day in sorted(between.keys() | monthly.keys()):
            if day in verdicts:
                self._let_people_decide(day)
            if day in monthly:
                self._month(monthly[day])
            else:
                self._day(day, between[day])
        ended = dissolved(self.entities, self.scheme.codes, self.state.segment, end)
        self.outcome.events.extend(ended)

    def _let_people_decide(self, day: int) -> None:
        """Move those whose waiting proposal was approved; the rules look only afterwards."""
        said = said_on(self.told, day, self.start_day)
        self.state, events = self.waiting.decide(day, self.told, self.state, said, self.calendar)
        self.outcome.events.extend(events)

    def _month(self, month: int) -> None:
        """Score everybody and let all rules that are due look."""
        was_dormant = self.state.segment == self.scheme.segments.number(DORMANT)
        had_orders = self.scoring.knowledge.order_count > 0
        lives = self.told.family.lives(
            first_day_of(month + 1) + self.scheme.record_lag_days, len(self.entities)
        )
        found = self.scoring.at(month, self.state.last_tier >= 0, lives)
        self.facts.learn(found)
        events = {
            "FIRST_ORDER": ~had_orders & (self.scoring.knowledge.order_count > 0),
            "DORMANT": found.is_dormant & ~was_dormant,
        }
        everybody, due = self.everybody, self._cadences(month)
        self._rule(month, found.recorded_day, everybody, found.present, due, events)
        self._record(found)

    def _day(self, day: int, who: IntArray) -> None:
        """Let the rules look at those for whom something begins or ends."""
        who = self.everybody if self.needs_everybody else who
        present = (self.start_day[who] <= day) & ~self.entities.is_excluded[who]
        present &= self.told.family.lives(day, len(self.entities))[who]
        self._rule(None, day, who, present, frozenset(), {})

    def _cadences(self, month: int) -> frozenset[str]:
        """What is due at the evaluation of a month; nothing is looked at more often."""
        due = {"DAILY", "WEEKLY", "MONTHLY"}
        first, following = first_day_of(month), first_day_of(month + 1)
        for name, starts in (
            ("QUARTERLY", self.calendar.quarter_starts),
            ("ANNUAL", self.calendar.year_starts),
        ):
            if ((starts > first) & (starts <= following)).any():
                due.add(name)
        return frozenset(due)

    def _rule(
        self,
        month: int | None,
        day: int,
        who: IntArray,
        present: BoolArray,
        due: frozenset[str],
        events: dict[str, BoolArray],
    ) -> None:
        said = said_on(self.told, day, self.start_day).take(who)
        promises, wishes = self.told.promises, self.told.wishes
        merged = merged_segment(self.told.family, day, self.state.segment, len(self.scheme.codes))
        inputs = Inputs(
            day=day,
            period=self.facts.period,
            metrics=self.facts.metrics(who),
            attributes=self.facts.attributes(who, said.contract_days_left),
            calendar=self.calendar,
            present=present,
            cadences=due,
            events=happened(self.told, day, who) | said.events | events,
            parent=self.told.family.parent_on(day) if self.has_families else None,
            floor=np.append(promises.tier, -1)[said.floor_place],
            floor_since_day=said.floor_since,
            override=np.append(wishes.segment, -1)[said.override_place],
            request=np.append(wishes.segment, -1)[said.request_place],
            wish_since_day=said.wish_since,
            wish_open_from_day=said.wish_open_from,
            renewal_day=np.where(
                said.contract_days_left >= 0, day + said.contract_days_left, NEVER
            ),
            merged_segment=None if merged is None else merged[who],
            open_from_day=self.told.open_from(day),
            needs_approval=self.scheme.approval_enforced,
        )
        if len(who) == len(self.everybody):
            proposals, self.state = apply_rules(self.rule_set, self.state, inputs)
        else:
            proposals, part = apply_rules(self.rule_set, self.state.take(who), inputs)
            self.state = self.state.put(who, part)
        if not len(proposals.entity) and not self.waiting.held:
            return
        at, cause = proposals.entity, proposals.cause
        wish = np.where(said.override_place >= 0, said.override_place, said.request_place)[at]
        place = np.full(len(at), -1, dtype=np.int64)
        asked = np.full(len(at), NEVER, dtype=np.int64)
        for name, places, since in (
            ("CONTRACT_FLOOR", said.floor_place[at], said.floor_since[at]),
            ("MANUAL_OVERRIDE", wish, said.wish_since[at]),
            ("CHANGE_REQUEST", wish, said.wish_since[at]),
        ):
            decided = cause == CAUSES.index(name)
            place, asked = np.where(decided, places, place), np.where(decided, since, asked)
        ruling = Ruling(month, proposals, who, place, asked, proposals.reasons())
        self.waiting.take_up(ruling, due)
        if len(proposals.entity):
            self.outcome.rulings.append(ruling)
        self._events(ruling)

    # What is written down -----------------------------------------------------------------------

    def _events(self, ruling: Ruling) -> None:
        made, rules = ruling.proposals, self.rule_set.rules
        moved = np.flatnonzero(made.is_move).tolist()
        if not moved:
            return
        reasons, codes, entity = ruling.reasons, self.scheme.codes, ruling.entity
        points = self.facts.points
        for k in moved:
            rule = int(made.rule[k])
            cause, who = CAUSES[made.cause[k]], int(entity[k])
            self.outcome.events.append(
                Event(
                    who,
                    ruling.month,
                    codes[made.before[k]],
                    codes[made.after[k]],
                    int(made.effective_day[k]),
                    made.day,
                    rules[rule].rule_id if rule >= 0 else cause,
                    cause,
                    reasons[k],
                    rules[rule].version if rule >= 0 else None,
                    int(points[who]) if points[who] >= 0 else None,
                    int(ruling.place[k]),
                )
            )

    def _record(self, found: Found) -> None:
        entity = np.flatnonzero(found.present)
        segment = self.state.segment[entity]
        own = np.clip(segment, 0, self.tier_count - 1)
        self.outcome.evaluations.append(
            Evaluation(
                month=found.month,
                recorded_day=found.recorded_day,
                entity=entity,
                status=found.status[entity],
                segment=segment,
                score=found.points[entity],
                order_count=self.scoring.knowledge.order_count[entity],
                up_streak=self._streak(found.recorded_day, "UP")[entity, np.maximum(own - 1, 0)],
                down_streak=self._streak(found.recorded_day, "DOWN")[entity, own],
                population=found.population,
            )
        )

    def _streak(self, day: int, direction: str) -> IntArray:
        """Evaluations in a row by entity and tier, of the first rule about that tier's score."""
        result = np.zeros((len(self.entities), self.tier_count), dtype=np.int64)
        known: set[int] = set()
        for place, rule in enumerate(self.rule_set.rules):
            if rule.direction not in (direction, "BOTH") or rule.metric_id != "score":
                continue
            if not rule.is_active(day) or rule.target_segment not in self.scheme.segments.tiers:
                continue
            tier = self.scheme.segments.number(rule.target_segment)
            if tier in known:
                continue
            known.add(tier)
            streak = self.state.up_streak if direction == "UP" else self.state.down_streak
            result[:, tier] = streak[:, place]
        return result
