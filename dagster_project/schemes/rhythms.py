"""Rhythms of reclassification: how often, and with how much patience, a scheme may move customers.

How they are replayed and measured is in ``backtest.py``.
"""

import json
from calendar import monthrange
from dataclasses import dataclass, replace

from dagster_project.segmentation.policy import Row, Scheme

CADENCES = {
    "ANNUAL": frozenset({1}),
    "QUARTERLY": frozenset({1, 4, 7, 10}),
    "MONTHLY": frozenset(range(1, 13)),
}
"""Months of the year in which thresholds may move a customer, counted from the first."""


@dataclass(frozen=True)
class Candidate:
    """A rhythm, with the patience of the scheme or without any."""

    cadence: str
    has_hysteresis: bool

    @property
    def name(self) -> str:
        return f"{self.cadence} {'with' if self.has_hysteresis else 'without'} hysteresis"


def scheme_under(scheme: Scheme, candidate: Candidate, first_month: int = 1) -> Scheme:
    """Return the scheme with the rhythm of a candidate: its rules about thresholds, varied.

    Without hysteresis a tier is lost where it is won, at once, with no dwell, notice or freeze.

    Args:
        scheme: The policy.
        candidate: One of those of ``candidates``.
        first_month: Month of the year in which an annual policy moves customers.
    """
    open_months = {(m + first_month - 2) % 12 + 1 for m in CADENCES[candidate.cadence]}
    closed = [_whole_month(m) for m in range(1, 13) if m not in open_months]
    tiers = scheme.tiers
    if not candidate.has_hysteresis:
        tiers = tuple(replace(tier, down=tier.up) for tier in tiers)
    rules = tuple(_under(row, candidate.has_hysteresis, closed) for row in scheme.rules)
    return replace(scheme, tiers=tiers, rules=rules)


def _under(row: Row, is_patient: bool, closed: list[str]) -> Row:
    """A rule with the months of a rhythm closed; rules that are not about thresholds stay."""
    if row["direction"] not in ("UP", "DOWN", "BOTH"):
        return row
    own = json.loads(str(row["freeze_windows"] or "[]")) if is_patient else []
    varied = {**row, "freeze_windows": json.dumps([*own, *closed])}
    if is_patient:
        return varied
    limit = row["threshold_up"] or row["threshold_down"]
    return varied | {
        "threshold_up": limit,
        "threshold_down": limit,
        "consecutive_evaluations": "1",
        "min_dwell_days": "0",
        "notice_days_customer": "0",
        "effective_policy": "NEXT_MONTH",
    }


def _whole_month(month: int) -> str:
    return f"{month:02d}-01/{month:02d}-{monthrange(2024, month)[1]:02d}"


def candidates() -> list[Candidate]:
    """Every rhythm with and without hysteresis."""
    return [Candidate(cadence, patient) for cadence in CADENCES for patient in (True, False)]
