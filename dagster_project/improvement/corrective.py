"""Corrective actions: opened by signals, closed by evidence, opened again where they did not help.

An action is opened where a metric of a segment was below its target in enough of the last months,
or its chart shows an unfavourable signal; there is at most one open action for a segment and
metric. It helped where the months after it shifted from those before, and more than in
the other segments.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from dagster_project.improvement.values import Series
from dagster_project.monitoring.charts import natural_limits

UNFAVOURABLE = frozenset({"BELOW_LIMIT", "RUN_BELOW", "NEAR_LOWER_LIMIT"})
SINGLE_EXTREME = "BELOW_LIMIT"
"""A single month beyond the limit: the next is better by itself as often as not."""
STATES = {"plan": "PLANNED", "start": "DOING", "verify": "VERIFY"}
TARGET, SIGNAL, AGAIN = "BELOW_TARGET", "SIGNAL", "INEFFECTIVE_BEFORE"


@dataclass(frozen=True)
class Effect:
    """What an action changed: means before and after, and against the other segments.

    ``is_shift``: the months after it are no longer those of the chart before it.
    """

    before: float
    after: float
    is_shift: bool
    against_others: float | None

    @property
    def helped(self) -> bool:
        """Did the metric shift, and not only because it did everywhere?"""
        return self.is_shift and (self.against_others is None or self.against_others > 0)


@dataclass
class Action:
    """One corrective action; months are first days."""

    action_id: str
    opened: date
    trigger: str
    level: int
    status: str = "OPEN"
    effective: date | None = None
    ended: date | None = None
    effect: Effect | None = None


def trigger_of(series: Series, months: Sequence[date], window: int, below: int) -> str | None:
    """Say what opens an action in the last of some months, or None.

    Args:
        series: Of one metric and segment.
        months: First days, in the order of time, the last one being judged.
        window: Months that are looked at.
        below: Months below the target that open an action.
    """
    short = [
        month
        for month in months[-window:]
        if month in series.value
        and month in series.promised
        and series.value[month] < series.promised[month]
    ]
    if len(short) >= below:
        return TARGET
    return SIGNAL if series.signal.get(months[-1]) in UNFAVOURABLE else None


def effect_of(
    series: Mapping[date, float],
    others: Sequence[Mapping[date, float]],
    effective: date,
    until: date,
    points: int,
) -> Effect | None:
    """Return what changed from a month on; None with too few months on either side.

    A shift is a mean beyond the upper natural limit of the months before, or every month after it
    above their mean (Wheeler, Understanding Variation, 2000: a run; six by policy). The difference
    in differences is against the mean of the other segments.

    Args:
        series: Value by month.
        others: Values of the same metric in other segments.
        effective: First month in which the action should show.
        until: Last month that counts.
        points: Least months on either side.
    """
    before, after = _sides(series, effective, until)
    if len(before) < points or len(after) < points:
        return None
    limits = natural_limits(before)
    mean = float(np.mean(after))
    is_run = bool((np.asarray(after[-points:]) > limits.mean).all())
    changes = [
        float(np.mean(later) - np.mean(earlier))
        for earlier, later in (_sides(one, effective, until) for one in others)
        if earlier and later
    ]
    own = mean - limits.mean
    against = own - float(np.mean(changes)) if changes else None
    return Effect(limits.mean, mean, mean > limits.upper or is_run, against)


def _sides(
    series: Mapping[date, float], effective: date, until: date
) -> tuple[list[float], list[float]]:
    months = sorted(month for month in series if month <= until)
    before = [series[month] for month in months if month < effective]
    return before, [series[month] for month in months if month >= effective]


def replay(
    name: str,
    series: Series,
    others: Sequence[Mapping[date, float]],
    months: Sequence[date],
    acts: Sequence[Mapping[str, Any]],
    window: int,
    below: int,
    points: int,
) -> list[Action]:
    """Return the actions of a segment and metric as they followed each other.

    Args:
        name: Segment and metric, beginning of the names of the actions.
        series: Its values, targets and signals.
        others: The same metric in other segments.
        months: Closed months in the order of time.
        acts: Decisions ``corrective_act``: action_id, act, decided_month, effective_month.
        window, below: As ``trigger_of``.
        points: As ``effect_of``.
    """
    actions: list[Action] = []
    for place, month in enumerate(months):
        current = actions[-1] if actions else None
        if current and current.ended is None:
            _follow(current, series, others, month, acts, points)
        again = current is not None and current.ended == month and current.status == "INEFFECTIVE"
        if current and current.ended is None:
            continue
        trigger = AGAIN if again else trigger_of(series, months[: place + 1], window, below)
        if trigger is None or (current and current.ended == month and not again):
            continue
        level = current.level + 1 if again and current else 1
        actions.append(Action(f"{name}|{len(actions) + 1}", month, trigger, level))
    return actions


def _follow(
    action: Action,
    series: Series,
    others: Sequence[Mapping[date, float]],
    month: date,
    acts: Sequence[Mapping[str, Any]],
    points: int,
) -> None:
    """Bring an action up to a month: what people did with it, and whether it helped."""
    done = [
        one
        for one in acts
        if one["action_id"] == action.action_id and one["decided_month"] <= month
    ]
    dated = [one["effective_month"] for one in done if one["effective_month"]]
    action.effective = dated[-1] if dated else action.effective
    is_closed = any(one["act"] == "close" for one in done)
    states = [STATES[one["act"]] for one in done if one["act"] in STATES]
    action.status = "VERIFY" if is_closed else (states[-1] if states else "OPEN")
    if action.effective is not None:
        action.effect = effect_of(series.value, others, action.effective, month, points)
    if is_closed and action.effect is not None:
        action.status = "CLOSED" if action.effect.helped else "INEFFECTIVE"
        action.ended = month
