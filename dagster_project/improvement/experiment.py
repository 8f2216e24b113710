"""Something tried in one place, judged by what changed there and did not change elsewhere.

The difference between the place and the others, month by month, before and during the experiment;
its change is the effect, with an interval that lets the months vary differently before and during.
Sources: D. Card, A. B. Krueger, American Economic Review 84 (1994), 772-793 (difference in
differences); B. L. Welch, Biometrika 34 (1947), 28-35 (interval).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

WORKS, HARMS, UNDECIDED = "WORKS", "HARMS", "UNDECIDED"
PLANNED, RUNNING, ENDED = "PLANNED", "RUNNING", "ENDED"
HISTORY_MONTHS = 12
"""Months before the experiment that are compared with it."""
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Result:
    """Means in the unit of the metric; ``effect`` and its bounds are None with too few months."""

    months_before: int
    months_after: int
    pilot_before: float | None
    pilot_after: float | None
    control_before: float | None
    control_after: float | None
    effect: float | None
    lower: float | None
    upper: float | None


def result_of(
    pilot: Mapping[date, float],
    control: Mapping[date, float],
    before: Sequence[date],
    during: Sequence[date],
    least: int,
) -> Result:
    """Return what an experiment changed.

    Args:
        pilot: Value by month where it is tried.
        control: Mean of the others by month.
        before, during: Months on both sides of its beginning; those without a value on both sides
            do not count.
        least: Least months on either side, at least 2.
    """
    sides = [
        [month for month in months if month in pilot and month in control]
        for months in (before, during)
    ]
    pilots, controls = (
        [np.array([series[month] for month in months]) for months in sides]
        for series in (pilot, control)
    )
    pilot_means, control_means = ([_mean(one) for one in side] for side in (pilots, controls))
    effect, lower, upper = None, None, None
    if min(map(len, sides)) >= max(least, 2):
        gaps = [pilots[k] - controls[k] for k in (0, 1)]
        effect = float(gaps[1].mean() - gaps[0].mean())
        reach = _reach(gaps[0], gaps[1])
        lower, upper = effect - reach, effect + reach
    return Result(
        *(len(sides[0]), len(sides[1])),
        *(pilot_means[0], pilot_means[1], control_means[0], control_means[1]),
        *(effect, lower, upper),
    )


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None


def verdict_of(result: Result, is_less_better: bool = False) -> str | None:
    """Say whether it works; None with too few months."""
    if result.lower is None or result.upper is None:
        return None
    low, high = (-result.upper, -result.lower) if is_less_better else (result.lower, result.upper)
    return WORKS if low > 0 else HARMS if high < 0 else UNDECIDED


def status_of(start: date, end: date, last_closed: date) -> str:
    """Say where an experiment stands after the month that was closed last (first days)."""
    return PLANNED if last_closed < start else RUNNING if last_closed < end else ENDED


def _reach(first: np.ndarray, second: np.ndarray) -> float:
    """Half the interval of the difference of two means with variances of their own."""
    parts = np.array([one.var(ddof=1) / len(one) for one in (first, second)])
    total = float(parts.sum())
    if total == 0:
        return 0.0
    from scipy.special import stdtrit

    sizes = np.array([len(first) - 1, len(second) - 1])
    freedom = total**2 / float((parts**2 / sizes).sum())
    return float(stdtrit(freedom, (1 + CONFIDENCE) / 2)) * float(np.sqrt(total))
