"""What rules may ask about: metrics and attributes, as known at the newest evaluation.

Only what some rule names is kept. Add a metric by adding its name to ``policy.METRICS`` and its
values here; an attribute by adding it to the vocabulary of the rules and here.
"""

import numpy as np

from dagster_project.reclassification.metrics import Metric
from dagster_project.reclassification.rules import RuleSet
from dagster_project.reclassification.scope import Attributes, Words
from dagster_project.reclassification.vocabulary import GIVEN_ATTRIBUTES, TEXT
from dagster_project.segmentation.history import Entities, first_day_of
from dagster_project.segmentation.scores import UNIT, FloatArray, IntArray
from dagster_project.segmentation.scoring import Found, Scoring

MEASURED = {
    "revenue": ("net_amount_group", None),
    "margin": ("margin_group", "net_amount_group"),
    "orders": ("orders_count", None),
}
"""Measures that are metrics month by month: numerator and denominator."""


class Facts:
    """Metrics of shape (entities, evaluations so far) and attributes by entity."""

    def __init__(
        self, rule_set: RuleSet, entities: Entities, months: range, scoring: Scoring
    ) -> None:
        self.entities, self.months, self.scoring = entities, months, scoring
        self.period = -1
        count = len(entities)
        self.points = np.full(count, -1, dtype=np.int64)
        metrics = {rule.metric_id for rule in rule_set.rules if rule.metric_id}
        measures = {m for name in metrics for m in MEASURED.get(name, ()) if m}
        names = {*measures, *(metrics & {"score", "idle_days"})}
        self.matrix = {
            name: np.full((count, max(len(months), 1)), np.nan, order="F") for name in names
        }
        self.wanted = metrics
        scopes = [rule.scope for rule in rule_set.rules]
        scopes += [rule.auto_if for rule in rule_set.rules if rule.auto_if is not None]
        asked = set().union(*(scope.names for scope in scopes)) if scopes else set()
        self.names = sorted(asked & set(GIVEN_ATTRIBUTES))
        self.known: dict[str, FloatArray | Words] = {name: self._trait(name) for name in self.names}

    def learn(self, found: Found) -> None:
        """Take in what an evaluation found."""
        self.period = found.month - self.months.start
        self.points = found.points
        for name, matrix in self.matrix.items():
            if name == "score":
                matrix[:, self.period] = np.where(found.points >= 0, found.points / UNIT, np.nan)
            elif name == "idle_days":
                matrix[:, self.period] = found.idle
            else:
                self._learn_months(name, matrix, found)
        for name in self.names:
            self.known[name] = self._attribute(name, found)

    def _learn_months(self, name: str, matrix: FloatArray, found: Found) -> None:
        """The months of the window as they are known by now; older ones stay as they were."""
        unit = UNIT if name.endswith("_group") else 1
        window = found.window.measures[name]
        width = min(window.shape[1], self.period + 1)
        columns = slice(self.period + 1 - width, self.period + 1)
        months = self.months[columns]
        ends = [first_day_of(month + 1) for month in months]
        exists = self.entities.start_day[:, None] < np.array(ends)[None, :]
        matrix[:, columns] = np.where(exists, window[:, -width:] / unit, np.nan)

    def metrics(self, who: IntArray) -> dict[str, Metric]:
        """The metrics of some entities."""
        whole = len(who) == len(self.entities)
        rows = {name: m if whole else m[who] for name, m in self.matrix.items()}
        found = {name: Metric(rows[name]) for name in self.wanted & {"score", "idle_days"}}
        for name in self.wanted & set(MEASURED):
            above, below = MEASURED[name]
            found[name] = Metric(rows[above], None if below is None else rows[below])
        return found

    def attributes(self, who: IntArray, contract_days_left: IntArray) -> Attributes:
        """The attributes of some entities."""
        found: dict[str, FloatArray | Words] = {}
        for name, values in self.known.items():
            if isinstance(values, Words):
                found[name] = Words(values.codes[who], values.words)
            else:
                found[name] = values[who]
        if "contract_days_left" in found:
            left = contract_days_left.astype(np.float64)
            found["contract_days_left"] = np.where((left >= 0) & (left < 1_000_000), left, np.nan)
        return found

    def _trait(self, name: str) -> FloatArray | Words:
        """An attribute before the first evaluation."""
        given = self.entities.traits.get(name)
        if given is not None:
            return given
        count = len(self.entities)
        if GIVEN_ATTRIBUTES[name] == TEXT:
            return Words(np.full(count, -1), ())
        if name == "is_excluded":
            return self.entities.is_excluded.astype(np.float64)
        return np.full(count, np.nan)

    def _attribute(self, name: str, found: Found) -> FloatArray | Words:
        known, scoring = self.scoring.knowledge, self.scoring
        ordered = known.order_count > 0
        if name == "score":
            return np.where(found.points >= 0, found.points / UNIT, np.nan)
        if name == "idle_days":
            return found.idle.astype(np.float64)
        if name == "is_dormant":
            return found.is_dormant.astype(np.float64)
        if name == "order_count":
            return known.order_count.astype(np.float64)
        if name == "has_enough_orders":
            return scoring.has_enough_orders.astype(np.float64)
        if name == "days_since_first_order":
            age = first_day_of(found.month + 1) - known.first_order_day
            return np.where(ordered, age.astype(np.float64), np.nan)
        if name == "dormancy_limit_days":
            result = np.zeros(len(ordered))
            result[ordered] = scoring.dormancy_limit(np.flatnonzero(ordered))
            return result
        if name == "revenue":
            return found.window.total("net_amount_group") / UNIT
        return self.known[name]
