"""The monthly reclassification engine.

Month by month over all entities at once: score who has enough history, then move at most one step
where a threshold has held long enough. The evaluation of month *m* happens at record time
``R(m)``, the first day of the next month plus the policy's lag, and is made once ``R(m)`` has come.
Every number is policy (``seeds/policy/segment_scheme.csv``, ``segment_threshold.csv``). Pure: the
same rows in any order give the same events, and a longer history only appends to them.
"""

from dataclasses import dataclass, field

import numpy as np

from dagster_project.segmentation.attributes import ATTRIBUTES, Window
from dagster_project.segmentation.history import (
    NEVER,
    Activity,
    Entities,
    Knowledge,
    first_day_of,
    month_number,
)
from dagster_project.segmentation.policy import Move, Scheme
from dagster_project.segmentation.scores import BoolArray, IntArray, Scores, score

DAYS_PER_MONTH = 30
"""Turns an interval in months into days where a dormancy limit is derived from it."""


@dataclass(frozen=True)
class Event:
    """A decision about one entity. Segments are codes; the first decision has no ``before``.

    ``score`` is in ten-thousandths of a point; ``held`` counts the evaluations in a row in which
    the threshold held; ``dormant_days`` the days without an order.
    """

    entity: int
    evaluation_month: int | None
    before: str | None
    after: str
    valid_from_day: int
    recorded_day: int
    rule: str
    score: int | None = None
    held: int | None = None
    dormant_days: int | None = None


@dataclass(frozen=True)
class Population:
    """The entities that were ranked against each other in one evaluation."""

    entity: IntArray
    values: IntArray
    missing: BoolArray
    scores: Scores


@dataclass(frozen=True)
class Evaluation:
    """What one evaluation found for each entity that existed and is not X0.

    ``segment`` is the one decided; ``score`` is -1 where there is none; the streaks count for the
    next better tier and for the own tier.
    """

    month: int
    recorded_day: int
    entity: IntArray
    status: IntArray
    segment: IntArray
    score: IntArray
    order_count: IntArray
    up_streak: IntArray
    down_streak: IntArray
    population: Population


@dataclass
class Outcome:
    """Events in the order in which they were decided, and the evaluations behind them."""

    events: list[Event] = field(default_factory=list)
    evaluations: list[Evaluation] = field(default_factory=list)


SCORED, ONBOARDING, DORMANT, HELD = range(4)
STATUS = ("SCORED", "ONBOARDING", "DORMANT", "HELD")
"""What an evaluation found; HELD means that no attribute had a value and nothing was decided."""


def evaluated_months(activity: Activity, scheme: Scheme, as_of: str) -> range:
    """Months whose record time has come by the end of the logical date."""
    first = activity.first_month
    if first is None:
        return range(0)
    end = int(np.datetime64(as_of, "D").astype(int)) + 1
    last = month_number(np.datetime64(as_of, "D"))
    while first_day_of(last + 1) + scheme.record_lag_days > end:
        last -= 1
    return range(first, last + 1)


def evaluate(entities: Entities, activity: Activity, scheme: Scheme, as_of: str) -> Outcome:
    """Replay all evaluations of one scheme up to the logical date."""
    months = evaluated_months(activity, scheme, as_of)
    run = _Run(entities, activity, scheme, months)
    for month in months:
        run.evaluate(month)
    return run.outcome


class _Run:
    """State of the replay: one array element per entity."""

    def __init__(
        self, entities: Entities, activity: Activity, scheme: Scheme, months: range
    ) -> None:
        self.scheme, self.entities = scheme, entities
        self.outcome = Outcome()
        self.codes = scheme.codes
        self.tier_count = len(scheme.tiers)
        self.n0, self.d0, self.x0 = (self.tier_count + i for i in range(3))
        count = len(entities)
        self.knowledge = Knowledge(activity, count, months, scheme.window_months)
        self.start_day = entities.start_day
        self._recorded_now = 0
        self.data_start = first_day_of(months.start) if len(months) else 0
        self.segment = np.where(entities.is_excluded, self.x0, self.n0)
        self.since_day = self.start_day.copy()
        self.last_tier = np.full(count, -1)
        self.cap_until = np.full(count, NEVER)
        self.up_streak = np.zeros((count, self.tier_count), dtype=np.int64)
        self.down_streak = np.zeros((count, self.tier_count), dtype=np.int64)
        self._begin()

    def _begin(self) -> None:
        for entity in range(len(self.entities)):
            excluded = bool(self.entities.is_excluded[entity])
            day = int(self.start_day[entity])
            after, rule = ("X0", "EXCLUDED") if excluded else ("N0", "FIRST_SEEN")
            self.outcome.events.append(Event(entity, None, None, after, day, day, rule))

    def evaluate(self, month: int) -> None:
        """Make the evaluation of one month."""
        window = self.knowledge.advance(month)
        end_day = first_day_of(month + 1)
        recorded = self._recorded_now = end_day + self.scheme.record_lag_days
        present = (self.start_day < end_day) & ~self.entities.is_excluded
        idle, dormant = self._dormant(present, end_day)
        onboarding = self._onboarding(present & ~dormant, end_day)
        population = self._score(window, np.flatnonzero(present & ~dormant & ~onboarding))
        points = np.full(len(present), -1, dtype=np.int64)
        has_score = population.scores.is_scored
        points[population.entity[has_score]] = population.scores.score[has_score]
        status = np.select(
            [dormant, onboarding, points >= 0], [DORMANT, ONBOARDING, SCORED], default=HELD
        )
        self._count_streaks(points)
        self._decide(month, recorded, points, dormant, idle)
        self._record(month, recorded, present, status, points, population)

    # Who is scored ------------------------------------------------------------------------------

    def _dormant(self, present: BoolArray, end_day: int) -> tuple[IntArray, BoolArray]:
        """Days without an order, and whether they exceed the entity's own limit."""
        k, scheme = self.knowledge, self.scheme
        ordered = k.order_count > 0
        observed = np.maximum(self.start_day, self.data_start)
        idle = end_day - np.where(ordered, k.last_order_day, observed)
        dormant = present & (idle >= scheme.dormant_min_days)
        candidates = np.flatnonzero(dormant & ordered)
        interval = k.interval_quantile_months(candidates, scheme.dormant_interval_quantile_pct)
        limit = interval * DAYS_PER_MONTH * scheme.dormant_interval_multiple
        dormant[candidates] = idle[candidates] >= limit
        return idle, dormant

    def _onboarding(self, awake: BoolArray, end_day: int) -> BoolArray:
        """Never in a tier so far, and too few orders or too few days since the first."""
        k, scheme = self.knowledge, self.scheme
        ordered = k.order_count > 0
        age = end_day - k.first_order_day
        young = (k.order_count < scheme.onboarding_min_orders) | (age < scheme.onboarding_min_days)
        expired = ordered & (age >= scheme.onboarding_max_days)
        return awake & (self.last_tier < 0) & young & ~expired

    def _score(self, window: Window, entity: IntArray) -> Population:
        scheme = self.scheme
        columns = [ATTRIBUTES[rule.attribute_id](window) for rule in scheme.attributes]
        missing = np.stack([mask[entity] for _, mask in columns], axis=1)
        values = np.stack([column[entity] for column, _ in columns], axis=1)
        values = np.where(missing, 0, values)
        limits = (scheme.winsor_low_pct, scheme.winsor_high_pct)
        scores = score(values, missing, list(scheme.attributes), *limits)
        return Population(entity, values, missing, scores)

    def _count_streaks(self, points: IntArray) -> None:
        known = points >= 0
        for k, tier in enumerate(self.scheme.tiers):
            up, down = known & (points >= tier.up), known & (points < tier.down)
            self.up_streak[:, k] = np.where(up, self.up_streak[:, k] + 1, 0)
            self.down_streak[:, k] = np.where(down, self.down_streak[:, k] + 1, 0)

    # What is decided ----------------------------------------------------------------------------

    def _decide(
        self, month: int, recorded: int, points: IntArray, dormant: BoolArray, idle: IntArray
    ) -> None:
        """Dormancy, reactivation, first tier, then thresholds: an entity moves once at most."""
        before, known = self.segment.copy(), points >= 0
        in_tier = before < self.tier_count
        asleep = before == self.d0
        rises = known & in_tier & self._may_move(self.scheme.up, recorded) & self._has_risen()
        falls = known & in_tier & self._may_move(self.scheme.down, recorded) & self._has_fallen()
        moves = (
            ("DORMANT", dormant & ~asleep, np.full(len(before), self.d0)),
            ("REACTIVATED", asleep & ~dormant, self._waking_segment(points)),
            ("FIRST_SCORE", known & (before == self.n0), self._first_tier(points)),
            ("THRESHOLD_UP", rises & ~dormant, before - 1),
            ("THRESHOLD_DOWN", falls & ~dormant, before + 1),
        )
        for rule, who, target in moves:
            for entity in np.flatnonzero(who):
                self._move(int(entity), int(target[entity]), rule, month, recorded, points, idle)

    def _may_move(self, move: Move, recorded: int) -> BoolArray:
        rested = recorded - self.since_day >= move.dwell_days
        is_frozen = (month_number(np.datetime64(recorded, "D")) % 12 + 1) in move.freeze_months
        return rested & (not is_frozen)

    def _has_risen(self) -> BoolArray:
        """The next better tier's threshold held long enough and no cap stands in the way."""
        above = self.segment - 1
        held = np.take_along_axis(
            self.up_streak, np.clip(above, 0, self.tier_count - 1)[:, None], axis=1
        )[:, 0]
        cap = self.scheme.tier_index(self.scheme.reactivation_cap)
        capped = (self._recorded_now < self.cap_until) & (above < cap)
        return (above >= 0) & (held >= self.scheme.up.consecutive) & ~capped

    def _has_fallen(self) -> BoolArray:
        """The score was below the own tier's lower threshold long enough."""
        here = np.clip(self.segment, 0, self.tier_count - 1)
        held = np.take_along_axis(self.down_streak, here[:, None], axis=1)[:, 0]
        return (here < self.tier_count - 1) & (held >= self.scheme.down.consecutive)

    def _tier_by_score(self, points: IntArray) -> IntArray:
        limits = np.array([tier.up for tier in self.scheme.tiers])
        return np.argmax(points[:, None] >= limits[None, :], axis=1)

    def _first_tier(self, points: IntArray) -> IntArray:
        """The tier whose upper threshold is reached; capped when onboarding merely expired."""
        few = self.knowledge.order_count < self.scheme.onboarding_min_orders
        cap = self.scheme.tier_index(self.scheme.onboarding_expiry_cap)
        tier = self._tier_by_score(points)
        return np.where(few, np.maximum(tier, cap), tier)

    def _waking_segment(self, points: IntArray) -> IntArray:
        """The former tier, else the tier of the score, never better than the cap; else N0."""
        cap = self.scheme.tier_index(self.scheme.reactivation_cap)
        scored = np.where(points >= 0, np.maximum(self._first_tier(points), cap), self.n0)
        return np.where(self.last_tier >= 0, np.maximum(self.last_tier, cap), scored)

    def _move(
        self,
        entity: int,
        target: int,
        rule: str,
        month: int,
        recorded: int,
        points: IntArray,
        idle: IntArray,
    ) -> None:
        before, valid_from, held = int(self.segment[entity]), recorded, None
        if rule == "THRESHOLD_UP":
            valid_from = _month_start_from(recorded + self.scheme.up.notice_days)
            held = int(self.up_streak[entity, target])
        elif rule == "THRESHOLD_DOWN":
            valid_from = _month_start_from(recorded + self.scheme.down.notice_days)
            held = int(self.down_streak[entity, before])
        elif rule == "REACTIVATED":
            self.cap_until[entity] = recorded + self.scheme.reactivation_cap_days
        if target < self.tier_count:
            self.last_tier[entity] = target
        self.segment[entity] = target
        self.since_day[entity] = valid_from
        self.outcome.events.append(
            Event(
                entity,
                month,
                self.codes[before],
                self.codes[target],
                valid_from,
                recorded,
                rule,
                int(points[entity]) if points[entity] >= 0 else None,
                held,
                int(idle[entity]) if rule == "DORMANT" else None,
            )
        )

    # What is written down -----------------------------------------------------------------------

    def _record(
        self,
        month: int,
        recorded: int,
        present: BoolArray,
        status: IntArray,
        points: IntArray,
        population: Population,
    ) -> None:
        entity = np.flatnonzero(present)
        own = np.clip(self.segment, 0, self.tier_count - 1)
        above = np.clip(own - 1, 0, None)
        every = np.arange(len(present))
        self.outcome.evaluations.append(
            Evaluation(
                month=month,
                recorded_day=recorded,
                entity=entity,
                status=status[entity],
                segment=self.segment[entity],
                score=points[entity],
                order_count=self.knowledge.order_count[entity],
                up_streak=self.up_streak[every, above][entity],
                down_streak=self.down_streak[every, own][entity],
                population=population,
            )
        )


def _month_start_from(day: int) -> int:
    """The first day of a month that is not before the day."""
    month = month_number(np.datetime64(day, "D"))
    return day if first_day_of(month) == day else first_day_of(month + 1)
