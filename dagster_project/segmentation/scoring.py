"""Who is scored at a monthly evaluation, and with what result.

What follows from the score is for the rules (``dagster_project/reclassification``); the numbers
here are those of ``seeds/policy/segment_scheme.csv``. Nothing here moves anybody.
"""

from dataclasses import dataclass

import numpy as np

from dagster_project.segmentation.attributes import ATTRIBUTES, Window
from dagster_project.segmentation.history import Activity, Entities, Knowledge, first_day_of
from dagster_project.segmentation.policy import Scheme
from dagster_project.segmentation.scores import BoolArray, FloatArray, IntArray, Scores, score

DAYS_PER_MONTH = 30
"""Turns an interval in months into days where a dormancy limit is derived from it."""

SCORED, ONBOARDING, DORMANT, HELD = range(4)
STATUS = ("SCORED", "ONBOARDING", "DORMANT", "HELD")
"""What an evaluation found; HELD means that no attribute had a value."""


@dataclass(frozen=True)
class Population:
    """The entities that were ranked against each other in one evaluation."""

    entity: IntArray
    values: IntArray
    missing: BoolArray
    scores: Scores


@dataclass(frozen=True)
class Found:
    """What one evaluation found about every entity.

    ``points`` is the score in ten-thousandths of a point, -1 where there is none; ``idle`` the days
    without an order; ``present`` who exists and is not excluded.
    """

    month: int
    recorded_day: int
    present: BoolArray
    status: IntArray
    points: IntArray
    idle: IntArray
    population: Population
    window: Window

    @property
    def is_dormant(self) -> BoolArray:
        return self.status == DORMANT


class Scoring:
    """Scores month by month; ``at`` must be called for every month in order."""

    def __init__(
        self, entities: Entities, activity: Activity, scheme: Scheme, months: range
    ) -> None:
        self.entities, self.scheme, self.months = entities, scheme, months
        self.knowledge = Knowledge(activity, len(entities), months, scheme.window_months)
        self.start_day = entities.start_day
        self.data_start = first_day_of(months.start) if len(months) else 0

    def at(self, month: int, had_tier: BoolArray, lives: BoolArray | None = None) -> Found:
        """Make the evaluation of one month; who had a tier once is not in onboarding again.

        ``lives``: who still has members; everybody where it is left out.
        """
        window = self.knowledge.advance(month)
        end_day = first_day_of(month + 1)
        present = (self.start_day < end_day) & ~self.entities.is_excluded
        present = present if lives is None else present & lives
        idle, dormant = self._dormant(present, end_day)
        onboarding = self._onboarding(present & ~dormant & ~had_tier, end_day)
        population = self._score(window, np.flatnonzero(present & ~dormant & ~onboarding))
        points = np.full(len(present), -1, dtype=np.int64)
        has_score = population.scores.is_scored
        points[population.entity[has_score]] = population.scores.score[has_score]
        status = np.select(
            [dormant, onboarding, points >= 0], [DORMANT, ONBOARDING, SCORED], default=HELD
        )
        recorded = end_day + self.scheme.record_lag_days
        return Found(month, recorded, present, status, points, idle, population, window)

    @property
    def has_enough_orders(self) -> BoolArray:
        """Whether the orders known so far are enough for a score."""
        return self.knowledge.order_count >= self.scheme.onboarding_min_orders

    def dormancy_limit(self, entity: IntArray) -> FloatArray:
        """Days that entities may be without an order, from their own intervals; 0 without any."""
        scheme = self.scheme
        interval = self.knowledge.interval_quantile_months(
            entity, scheme.dormant_interval_quantile_pct
        )
        return interval * DAYS_PER_MONTH * scheme.dormant_interval_multiple

    def _dormant(self, present: BoolArray, end_day: int) -> tuple[IntArray, BoolArray]:
        """Days without an order, and whether they exceed the entity's own limit."""
        ordered = self.knowledge.order_count > 0
        observed = np.maximum(self.start_day, self.data_start)
        idle = end_day - np.where(ordered, self.knowledge.last_order_day, observed)
        dormant = present & (idle >= self.scheme.dormant_min_days)
        candidates = np.flatnonzero(dormant & ordered)
        dormant[candidates] = idle[candidates] >= self.dormancy_limit(candidates)
        return idle, dormant

    def _onboarding(self, newcomers: BoolArray, end_day: int) -> BoolArray:
        """Too few orders or too few days since the first, unless that has lasted too long."""
        scheme = self.scheme
        ordered = self.knowledge.order_count > 0
        age = end_day - self.knowledge.first_order_day
        young = ~self.has_enough_orders | (age < scheme.onboarding_min_days)
        expired = ordered & (age >= scheme.onboarding_max_days)
        return newcomers & young & ~expired

    def _score(self, window: Window, entity: IntArray) -> Population:
        scheme = self.scheme
        columns = [ATTRIBUTES[rule.attribute_id](window) for rule in scheme.attributes]
        missing = np.stack([mask[entity] for _, mask in columns], axis=1)
        values = np.stack([column[entity] for column, _ in columns], axis=1)
        values = np.where(missing, 0, values)
        limits = (scheme.winsor_low_pct, scheme.winsor_high_pct)
        scores = score(values, missing, list(scheme.attributes), *limits)
        return Population(entity, values, missing, scores)
