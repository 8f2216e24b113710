"""Moves of rules that wait for people: what waits, and what becomes of it.

Only where the scheme enforces approvals. A proposal waits from its evaluation on. The next
evaluation of its rule renews it, with the day since which it waits, or it lapses because the rule
no longer says so; it lapses too where the entity moves otherwise. An approval counts at the end of
its day: from then the effective policy of the rule runs. A rejection lets the rules cool off.
"""

from dataclasses import dataclass, field

import numpy as np

from dagster_project.reclassification.effective import NEVER, Calendar, effective_day
from dagster_project.reclassification.rules import RuleSet
from dagster_project.reclassification.state import State, accept, turn_down
from dagster_project.reclassification.vocabulary import CAUSES
from dagster_project.segmentation.outcome import Event, Ruling, Standing
from dagster_project.segmentation.told import Said, Told


@dataclass(frozen=True)
class Held:
    """One waiting proposal: its ruling, its place there, and since when it waits."""

    ruling: Ruling
    place: int
    since_day: int

    @property
    def standing(self) -> Standing:
        return self.ruling.standing[self.place]

    @property
    def move(self) -> tuple[int, int, int]:
        """Segment before and after, and the rule."""
        made, k = self.ruling.proposals, self.place
        return int(made.before[k]), int(made.after[k]), int(made.rule[k])


@dataclass
class Ledger:
    """What waits, by entity; nothing where approvals are not enforced."""

    rule_set: RuleSet
    codes: tuple[str, ...]
    held: dict[int, Held] = field(default_factory=dict)

    def take_up(self, ruling: Ruling, due: frozenset[str]) -> None:
        """Renew, begin and end what waits after an evaluation at which some cadences were due."""
        made, entity = ruling.proposals, ruling.entity
        if not self.held and not made.waits.any():
            return
        moved = set(entity[made.is_move].tolist())
        for one in [one for one in self.held if one in moved]:
            self._lapse(one)
        fresh: dict[int, Held] = {}
        for k in np.flatnonzero(made.waits).tolist():
            now = Held(ruling, k, made.day)
            before = self.held.pop(int(entity[k]), None)
            if before is not None:
                is_same = before.move == now.move
                before.standing.state = "RENEWED" if is_same else "LAPSED"
                now = Held(ruling, k, before.since_day) if is_same else now
            ruling.standing[k] = Standing("WAITING", now.since_day)
            fresh[int(entity[k])] = now
        looked_at = set(ruling.who.tolist())
        for one in [one for one in self.held if one in looked_at and self._is_due(one, due)]:
            self._lapse(one)
        self.held |= fresh

    def _is_due(self, entity: int, due: frozenset[str]) -> bool:
        """Whether the rule behind a proposal was asked again; a family is at every evaluation."""
        rule = self.held[entity].move[2]
        return bool(due) if rule < 0 else self.rule_set.rules[rule].cadence in due

    def _lapse(self, entity: int) -> None:
        self.held.pop(entity).standing.state = "LAPSED"

    def decide(
        self, day: int, told: Told, state: State, said: Said, calendar: Calendar
    ) -> tuple[State, list[Event]]:
        """Let the verdicts of a day count.

        Args:
            day: The day.
            told: All that contracts and people say.
            state: Before; is not changed.
            said: What contracts and people say on the day, of all entities.
            calendar: Fiscal calendar.

        Returns:
            The state after, and the moves.
        """
        events: list[Event] = []
        verdicts = told.verdicts
        floor = np.append(told.promises.tier, -1)[said.floor_place]
        for place in np.flatnonzero(verdicts.moment == day).tolist():
            entity = int(verdicts.entity[place])
            held = self.held.get(entity)
            asked = (verdicts.before[place], verdicts.after[place], verdicts.proposed_day[place])
            if held is None or (*held.move[:2], held.since_day) != asked:
                continue
            standing = self.held.pop(entity).standing
            standing.request_id = verdicts.request_id[place]
            standing.approved_by = verdicts.decided_by[place] or None
            if not verdicts.is_yes[place]:
                standing.state, state = "REJECTED", turn_down(state, entity, day)
                continue
            is_overridden = said.override_place[entity] >= 0
            undercuts = 0 <= floor[entity] < held.move[1]
            if state.segment[entity] != held.move[0] or is_overridden or undercuts:
                standing.state = "LAPSED"
                continue
            first = self._first_day(held, entity, day, said, calendar)
            standing.state, standing.effective_day = "APPROVED", first
            state = accept(state, self.rule_set, entity, held.move[1], first, day)
            events.append(self._event(held, entity, first, day))
        return state, events

    def _first_day(self, held: Held, entity: int, day: int, said: Said, calendar: Calendar) -> int:
        place = held.move[2]
        if place < 0:
            return day
        rule, left = self.rule_set.rules[place], int(said.contract_days_left[entity])
        renewal = np.array([day + left if left >= 0 else NEVER])
        return int(effective_day(rule.effective, rule.notice_days, day, calendar, renewal)[0])

    def _event(self, held: Held, entity: int, first: int, day: int) -> Event:
        made, k = held.ruling.proposals, held.place
        before, after, place = held.move
        cause = CAUSES[made.cause[k]]
        rule = self.rule_set.rules[place] if place >= 0 else None
        return Event(
            entity,
            held.ruling.month,
            self.codes[before],
            self.codes[after],
            first,
            day,
            rule.rule_id if rule else cause,
            cause,
            held.ruling.reasons[k],
            rule.version if rule else None,
            request_id=held.standing.request_id,
            proposed_day=made.day,
        )
