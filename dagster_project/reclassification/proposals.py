"""What an evaluation says, as arrays and as tables that people and models can read.

There is at most one proposal per customer, scheme and day. Customers for whom no rule fired and
nothing changed keep their segment without a row.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from dagster_project.reclassification import wording
from dagster_project.reclassification.firing import NONE, Fired
from dagster_project.reclassification.rules import RuleSet
from dagster_project.reclassification.state import Inputs
from dagster_project.reclassification.vocabulary import (
    CAUSES,
    EXCLUSION_RULE,
    INHERIT,
    MAX_OF_FAMILY,
    PARENTS,
    RULE,
)
from dagster_project.segmentation.columns import date_array
from dagster_project.segmentation.scores import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Losers:
    """One element per rule or wish that fired for a customer and did not decide, by customer.

    ``rule`` is -1 where a level of precedence lost; then ``level`` is a place in ``CAUSES``.
    ``guard`` is a place in ``GUARDS``; the level or rule that won stands in the last two.
    """

    entity: IntArray
    rule: IntArray
    level: IntArray
    target: IntArray
    guard: IntArray
    beaten_by_level: IntArray
    beaten_by_rule: IntArray


@dataclass(frozen=True)
class Proposals:
    """Proposals of one evaluation, by ascending position of the customer.

    ``rule`` is -1 where no rule decided.
    """

    rule_set: RuleSet
    day: int
    entity: IntArray
    before: IntArray
    after: IntArray
    cause: IntArray
    rule: IntArray
    effective_day: IntArray
    is_move: BoolArray
    restates: BoolArray
    is_auto: BoolArray
    value: FloatArray
    threshold: FloatArray
    held: IntArray
    losers: Losers
    waits: BoolArray
    """Where the move waits for people; it is no move as long as it does."""

    def moves(self) -> list[tuple[int, str, str, int, str]]:
        """Customer, segment before, after, first day of validity, and rule or level."""
        codes, known = self.rule_set.segments.codes, wording.names(self.rule_set)
        decided = np.where(self.rule >= 0, self.rule, len(self.rule_set.rules) + self.cause)
        columns = (self.entity, self.before, self.after, self.effective_day, decided)
        rows = zip(*(column[self.is_move].tolist() for column in columns), strict=True)
        return [(e, codes[a], codes[b], valid, known[who]) for e, a, b, valid, who in rows]

    def blocked(self) -> list[tuple[int, str, str]]:
        """Customer, rule or level that lost, and what blocked it."""
        known = wording.names(self.rule_set)
        loser, blocker = self.names_of_losers()
        rows = zip(self.losers.entity.tolist(), loser.tolist(), blocker.tolist(), strict=True)
        return [(entity, known[one], known[other]) for entity, one, other in rows]

    def names_of_losers(self) -> tuple[IntArray, IntArray]:
        """Places in ``wording.names`` of who lost and of what blocked it."""
        lost, rules = self.losers, len(self.rule_set.rules)
        loser = np.where(lost.rule >= 0, lost.rule, rules + lost.level)
        is_rule = (lost.beaten_by_rule >= 0) & (
            (lost.beaten_by_level < 0) | (lost.beaten_by_level == CAUSES.index(EXCLUSION_RULE))
        )
        blocker = np.where(is_rule, lost.beaten_by_rule, rules + lost.beaten_by_level)
        guard = rules + len(CAUSES) + lost.guard
        return loser, np.where(lost.guard >= 0, guard, blocker)

    def ids(self, entity_ids: list[str]) -> list[str]:
        """Deterministic ids: uuid5 of scheme, customer, day and version of the rules."""
        before = f"{self.rule_set.segments.scheme_id}|"
        after = f"|{_date(self.day)}|{self.rule_set.version}"
        return wording.ids([f"{before}{entity_ids[k]}{after}" for k in self.entity.tolist()])

    def table(self, entity_ids: list[str], reasons: list[str] | None = None) -> pa.Table:
        """One row per proposal, with the reason in words, unless ``reasons`` are made already."""
        codes = pa.array(self.rule_set.segments.codes, pa.string())
        count, rules = len(self.entity), self.rule_set.rules
        no_rule = self.rule < 0
        place = np.where(no_rule, 0, self.rule)
        rule_ids = pa.array([rule.rule_id for rule in rules], pa.string())
        versions = pa.array([rule.version for rule in rules], pa.int64())
        routes = pa.array([*(rule.approval for rule in rules), "OWNER", "AUTO"], pa.string())
        route = np.where(no_rule, len(rules), place)
        return pa.table(
            {
                "proposal_id": pa.array(self.ids(entity_ids), pa.string()),
                "scheme_id": pa.repeat(self.rule_set.segments.scheme_id, count),
                "entity_id": pa.array([entity_ids[k] for k in self.entity.tolist()], pa.string()),
                "evaluation_date": date_array(np.full(count, self.day)),
                "rule_set_version": pa.repeat(self.rule_set.version, count),
                "from_segment_code": codes.take(pa.array(self.before)),
                "to_segment_code": codes.take(pa.array(self.after)),
                "cause": pa.array(CAUSES, pa.string()).take(pa.array(self.cause)),
                "rule_id": rule_ids.take(pa.array(place, mask=no_rule)),
                "rule_version": versions.take(pa.array(place, mask=no_rule)),
                "metric_value": pa.array(self.value, mask=np.isnan(self.value)),
                "threshold": pa.array(self.threshold, mask=np.isnan(self.threshold)),
                "held": pa.array(self.held, mask=no_rule),
                "approval": routes.take(pa.array(np.where(self.is_auto, len(rules) + 1, route))),
                "effective_date": date_array(self.effective_day, ~self.is_move),
                "is_move": pa.array(self.is_move),
                "is_restatement": pa.array(self.restates),
                "reason": pa.array(self.reasons() if reasons is None else reasons, pa.string()),
            }
        )

    def loser_table(self, entity_ids: list[str]) -> pa.Table:
        """One row per rule or wish that did not decide, with ``blocked_by``."""
        codes = pa.array(self.rule_set.segments.codes, pa.string())
        known = pa.array(wording.names(self.rule_set), pa.string())
        loser, blocker = self.names_of_losers()
        place = np.searchsorted(self.entity, self.losers.entity)
        return pa.table(
            {
                "proposal_id": pa.array(self.ids(entity_ids), pa.string()).take(pa.array(place)),
                "loser": known.take(pa.array(loser)),
                "target": codes.take(pa.array(self.losers.target)),
                "blocked_by": known.take(pa.array(blocker)),
            }
        )

    def reasons(self) -> list[str]:
        """Why, one text per proposal; family decisions also name the rules they overruled."""
        texts = wording.reasons(
            self.rule_set,
            self.cause,
            self.rule,
            self.before,
            self.after,
            self.value,
            self.threshold,
            self.held,
        )
        family = [CAUSES.index(name) for name in (INHERIT, MAX_OF_FAMILY)]
        first = np.searchsorted(self.losers.entity, self.entity, side="left")
        end = np.searchsorted(self.losers.entity, self.entity, side="right")
        for k in np.flatnonzero(np.isin(self.cause, family)).tolist():
            texts[k] += wording.disagreement(self.rule_set, self.losers.rule[first[k] : end[k]])
        return texts


def _date(day: int) -> date:
    return date(1970, 1, 1) + timedelta(days=day)


def collect(
    rule_set: RuleSet,
    inputs: Inputs,
    fired: Fired,
    winner: IntArray,
    before: IntArray,
    target: IntArray,
    cause: IntArray,
    effective: IntArray,
    restates: BoolArray,
    changed: BoolArray,
    waits: BoolArray,
    losers: Losers,
) -> Proposals:
    """Gather the proposals of the customers for whom anything happened."""
    touched = changed | waits
    touched[losers.entity] = True
    entity = np.flatnonzero(touched)
    c = fired.candidates
    place, rule = _deciding(fired, winner, cause, entity)
    return Proposals(
        rule_set=rule_set,
        day=inputs.day,
        entity=entity,
        before=before[entity],
        after=target[entity],
        cause=cause[entity],
        rule=rule,
        effective_day=effective[entity],
        is_move=changed[entity],
        restates=(restates & changed)[entity],
        is_auto=_is_auto(rule_set, inputs, entity, rule, before[entity], target[entity], cause),
        value=np.append(c.value, np.nan)[place],
        threshold=np.append(c.threshold, np.nan)[place],
        held=np.append(c.held, 0)[place],
        losers=losers,
        waits=waits[entity],
    )


def _deciding(
    fired: Fired, winner: IntArray, cause: IntArray, entity: IntArray
) -> tuple[IntArray, IntArray]:
    """Candidate and rule that decided about some customers; -1 where none did."""
    by_rule = cause[entity] == CAUSES.index(RULE)
    place = np.where(by_rule, winner[entity], NONE)
    rule = np.append(fired.candidates.rule, NONE)[place]
    excluded = cause[entity] == CAUSES.index(EXCLUSION_RULE)
    return place, np.where(excluded, fired.excluded_by[entity], rule)


def waiting(
    rule_set: RuleSet,
    inputs: Inputs,
    fired: Fired,
    winner: IntArray,
    before: IntArray,
    target: IntArray,
    cause: IntArray,
    changed: BoolArray,
) -> BoolArray:
    """Return which of the changes wait for people; none where approvals are not enforced."""
    result = np.zeros(len(changed), dtype=bool)
    if inputs.needs_approval:
        entity = np.flatnonzero(changed)
        _, rule = _deciding(fired, winner, cause, entity)
        said = (before[entity], target[entity], cause)
        result[entity] = ~_is_auto(rule_set, inputs, entity, rule, *said)
    return result


def _is_auto(
    rule_set: RuleSet,
    inputs: Inputs,
    entity: IntArray,
    rule: IntArray,
    before: IntArray,
    after: IntArray,
    cause: IntArray,
) -> BoolArray:
    """Where nobody needs to approve: a person, contract or law decided, or the rule says so."""
    family = [CAUSES.index(name) for name in PARENTS[1:]]
    result = (rule < 0) & ~np.isin(cause[entity], family)
    count = len(inputs.present)
    for place in np.unique(rule[rule >= 0]):
        of_rule = rule == place
        found = rule_set.rules[place]
        if found.approval == "AUTO":
            result |= of_rule
        elif found.auto_if is not None:
            steps = np.full(count, np.nan)
            steps[entity] = np.abs(after - before)
            holds = found.auto_if.holds({**inputs.attributes, "steps": steps}, count)
            result |= of_rule & holds[entity]
    return result
