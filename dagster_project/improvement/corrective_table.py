"""Reads what was attained and what people did about it, and writes the corrective actions."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from dagster_project.analytics.tables import Tables
from dagster_project.improvement.corrective import SIGNAL, SINGLE_EXTREME, Action, replay
from dagster_project.improvement.outputs import table_of
from dagster_project.improvement.policy import Settings
from dagster_project.improvement.reads import Read
from dagster_project.improvement.values import EVERYBODY, Key, Series, closed_months
from dagster_project.schemes.closed import Closed

ACTS = "staging.stg_decisions__corrective_act"
ACT_COLUMNS = (
    *("seq", "decided_at", "action_id", "act", "owner", "root_cause", "due_date"),
    *("effective_month", "expected_effect", "budget_group", "evidence"),
)
WATCHED_BASES = ("FIRST", "SHIP")
"""Dates of promise on which actions are opened: one per metric, so that nobody acts twice."""
HISTORY_MONTHS = 36
SAID = ("owner", "root_cause", "due_date", "expected_effect", "budget_group", "evidence")


def corrective_reads() -> tuple[Read, ...]:
    """Decisions that the table depends on, besides attainment."""
    return (Read(ACTS, ("seq", "action_id", "act", "effective_month")),)


def corrective_table(
    tables: Tables, closed: Closed, settings: Settings, series: Mapping[Key, Series]
) -> pa.Table:
    """Return the actions of the last years, the open ones and those that ended."""
    acts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in tables.read(ACTS, ACT_COLUMNS).sort_by("seq").to_pylist():
        row["decided_month"] = row["decided_at"].date().replace(day=1)
        if row["effective_month"] is not None:
            row["effective_month"] = row["effective_month"].replace(day=1)
        acts[row["action_id"]].append(row)
    every = [one for own in acts.values() for one in own]
    rows: list[dict[str, Any]] = []
    for (metric, basis, segment), own in sorted(series.items()):
        if basis not in WATCHED_BASES or segment == EVERYBODY or not own.promised:
            continue
        others = [
            other.value
            for (name, date_kind, key), other in sorted(series.items())
            if (name, date_kind) == (metric, basis) and key not in (segment, EVERYBODY)
        ]
        name = f"{segment}|{metric}"
        mine = [one for one in every if one["action_id"].rpartition("|")[0] == name]
        actions = replay(
            name,
            own,
            others,
            closed_months(closed, HISTORY_MONTHS),
            mine,
            settings.action_window_months,
            settings.action_months_below,
            settings.action_shift_points,
        )
        rows += [
            _row(one, segment, metric, own, acts.get(one.action_id, []), closed) for one in actions
        ]
    return table_of("corrective_action", rows)


def _row(
    one: Action,
    segment: str,
    metric: str,
    series: Series,
    acts: list[dict[str, Any]],
    closed: Closed,
) -> dict[str, Any]:
    said = {
        name: next((row[name] for row in reversed(acts) if row[name] is not None), None)
        for name in SAID
    }
    due: date | None = said["due_date"]
    is_open = one.status not in ("CLOSED", "INEFFECTIVE")
    was_extreme = one.trigger == SIGNAL and series.signal.get(one.opened) == SINGLE_EXTREME
    return {
        "as_of_month": closed.start,
        "action_id": one.action_id,
        "segment_key": segment,
        "metric_id": metric,
        "opened_month": one.opened,
        "opened_by": one.trigger,
        "level": one.level,
        "status": one.status,
        "effective_month": one.effective,
        "ended_month": one.ended,
        "value_at_opening": series.value.get(one.opened),
        "target_at_opening": series.promised.get(one.opened),
        "mean_before": one.effect.before if one.effect else None,
        "mean_after": one.effect.after if one.effect else None,
        "is_shift": one.effect.is_shift if one.effect else None,
        "difference_in_differences": one.effect.against_others if one.effect else None,
        "is_regression_to_the_mean": was_extreme,
        "is_overdue": is_open and due is not None and due < closed.end,
        **said,
    }
