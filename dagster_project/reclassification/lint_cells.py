"""Mistakes in single cells of a rule: unknown words, unreadable numbers, forbidden scopes."""

import json
import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dagster_project.reclassification import vocabulary as v
from dagster_project.reclassification.effective import parse_policy
from dagster_project.reclassification.guards import parse_freeze
from dagster_project.reclassification.scope import ScopeError, parse_scope

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Mistake:
    """What is wrong with one cell, and what to write instead."""

    kind: str
    column: str
    why: str
    cure: str


_WORDS: dict[str, tuple[str, tuple[str, ...], bool]] = {
    "status": ("unknown_status", v.STATUSES, True),
    "aggregation": ("unknown_aggregation", v.AGGREGATIONS, False),
    "window_unit": ("unknown_unit", tuple(v.UNITS), False),
    "operator": ("unknown_operator", v.OPERATORS, False),
    "cadence": ("unknown_cadence", v.CADENCES, True),
    "trigger_event": ("unknown_event", v.EVENTS, False),
    "direction": ("unknown_direction", v.DIRECTIONS, True),
    "respects_parent": ("unknown_parent_rule", v.PARENTS, False),
    "approval": ("unknown_approval", v.APPROVALS, False),
    "respects_contract_floor": ("unknown_boolean", ("true", "false"), False),
}
_WHOLE = {
    "version": 1,
    "priority": 0,
    "window_n": 1,
    "window_offset": 0,
    "min_observations": 0,
    "consecutive_evaluations": 1,
    "max_steps": 1,
    "min_dwell_days": 0,
    "cool_off_after_override_days": 0,
    "notice_days_customer": 0,
}
"""Whole numbers and the least value of each."""


def text(row: Row, column: str) -> str:
    """The cell as text without blanks around it; null is empty."""
    value = row.get(column)
    return "" if value is None else str(value).strip()


def number(row: Row, column: str) -> float | None:
    """The cell as a finite number, or None."""
    try:
        found = float(text(row, column))
    except ValueError:
        return None
    return found if abs(found) < float("inf") else None


def check(row: Row, segments: v.Segments, metrics: Mapping[str, bool]) -> Iterator[Mistake]:
    """Yield the mistakes of one row's cells, each read for itself."""
    yield from _names(row, segments)
    for column, (kind, known, needed) in _WORDS.items():
        found = text(row, column)
        if found not in known and (found or needed):
            yield Mistake(
                kind, column, f"{found!r} is not known", f"Write one of {', '.join(known)}."
            )
    yield from _numbers(row)
    yield from _metric(row, metrics)
    yield from _scopes(row, segments)
    yield from _texts(row)


def _names(row: Row, segments: v.Segments) -> Iterator[Mistake]:
    for column in ("rule_id", "scheme_id"):
        if not text(row, column):
            yield Mistake("name_missing", column, "is empty", "Every rule needs a name of its own.")
    if not text(row, "owner"):
        yield Mistake("owner_missing", "owner", "is empty", "Name who answers for the rule.")
    target = text(row, "target_segment")
    if target and target not in segments.codes:
        known = ", ".join(segments.codes)
        yield Mistake(
            "unknown_segment",
            "target_segment",
            f"the scheme has no segment {target!r}",
            f"Write one of {known}.",
        )
    elif (
        target and target not in segments.tiers and text(row, "direction") in ("UP", "DOWN", "BOTH")
    ):
        yield Mistake(
            "target_is_no_tier",
            "target_segment",
            f"{target} is no tier, so nobody moves up or down to it",
            "Choose TO_SPECIFIC.",
        )
    if text(row, "respects_contract_floor") == "false" and target in ("", *segments.tiers):
        yield Mistake(
            "floor_ignored",
            "respects_contract_floor",
            "a move between tiers may not undercut what a contract promises",
            "Write true; only moves out of the tiers may ignore the floor.",
        )


def _numbers(row: Row) -> Iterator[Mistake]:
    for column, least in _WHOLE.items():
        found = text(row, column)
        if not found and column not in ("version", "priority"):
            continue
        if not re.fullmatch(r"-?\d+", found) or int(found) < least:
            yield Mistake(
                "not_a_whole_number",
                column,
                f"{found!r} is not a whole number of at least {least}",
                f"Write a whole number of at least {least}.",
            )
    for column in ("threshold_up", "threshold_down"):
        if text(row, column) and number(row, column) is None:
            yield Mistake(
                "threshold_unreadable",
                column,
                f"{text(row, column)!r} is not a number",
                "Write a number with a point, without unit or thousands separator.",
            )
    for column in ("valid_from", "valid_to"):
        try:
            date.fromisoformat(text(row, column) or "2000-01-01")
        except ValueError:
            yield Mistake(
                "date_unreadable",
                column,
                f"{text(row, column)!r} is not a date",
                "Write the date as 2026-01-31.",
            )


def _metric(row: Row, metrics: Mapping[str, bool]) -> Iterator[Mistake]:
    metric, unit = text(row, "metric_id"), text(row, "window_unit")
    if metric and metric not in metrics:
        known = ", ".join(sorted(metrics)) or "none"
        yield Mistake(
            "unknown_metric",
            "metric_id",
            f"there is no metric {metric!r}",
            f"Write one of the known metrics ({known}), or define it first.",
        )
    elif metric and text(row, "aggregation") == "RATIO" and not metrics[metric]:
        yield Mistake(
            "ratio_without_denominator",
            "aggregation",
            f"metric {metric} has no denominator",
            "Choose another aggregation, or a metric that is a ratio.",
        )
    if unit in v.UNITS and not v.UNITS[unit]:
        yield Mistake(
            "window_too_fine",
            "window_unit",
            f"metrics are kept by month, a window of {unit} cannot be cut from them",
            "Write the window in MONTH, FISCAL_PERIOD or QUARTER.",
        )
    missing = text(row, "missing_data")
    match = re.fullmatch(r"(HOLD|DEMOTE_NO|USE_IMPUTED\(([\d.]+)\))", missing)
    if missing and match is None:
        yield Mistake(
            "unknown_missing_data",
            "missing_data",
            f"{missing!r} is not known",
            "Write HOLD, DEMOTE_NO or USE_IMPUTED(0.6) with the least confidence.",
        )
    elif match and match[2] and not _is_share(match[2]):
        yield Mistake(
            "confidence_out_of_range",
            "missing_data",
            f"{match[2]} is not between 0 and 1",
            "Write a confidence between 0 and 1.",
        )


def _is_share(found: str) -> bool:
    try:
        return 0 <= float(found) <= 1
    except ValueError:
        return False


def _scopes(row: Row, segments: v.Segments) -> Iterator[Mistake]:
    for column, allowed in (("scope_filter", v.SCOPE_ATTRIBUTES), ("auto_if", v.AUTO_ATTRIBUTES)):
        try:
            scope = parse_scope(text(row, column), allowed)
        except ScopeError as error:
            yield Mistake(error.kind, column, str(error), "Use attributes, =, <, in, and, or, not.")
            continue
        named = scope.words.get("current_segment", frozenset()) | scope.words.get(
            "last_tier", frozenset()
        )
        for word in sorted(named - {*segments.codes, "NONE"}):
            yield Mistake(
                "scope_segment",
                column,
                f"the scheme has no segment {word!r}",
                f"Write one of {', '.join(segments.codes)}.",
            )


def _texts(row: Row) -> Iterator[Mistake]:
    try:
        parse_policy(text(row, "effective_policy") or "IMMEDIATE")
    except ValueError as error:
        yield Mistake(
            "unknown_effective_policy",
            "effective_policy",
            str(error),
            "Join known steps by +, for example AFTER_NOTICE(30)+NEXT_FISCAL_PERIOD.",
        )
    try:
        windows = json.loads(text(row, "freeze_windows") or "[]")
        if not isinstance(windows, list):
            raise ValueError("not a list")
        for window in windows:
            parse_freeze(str(window))
    except ValueError as error:
        yield Mistake(
            "freeze_unreadable",
            "freeze_windows",
            str(error),
            'Write a list such as ["11-01/12-31", "QUARTER_END(5)"].',
        )
    try:
        names = {name for _, name, _, _ in string.Formatter().parse(text(row, "explain_template"))}
    except ValueError as error:
        names = {str(error)}
    for name in sorted(str(name) for name in names if name is not None):
        if name not in v.PLACEHOLDERS:
            yield Mistake(
                "unknown_placeholder",
                "explain_template",
                f"{name!r} cannot be filled in",
                f"Use {', '.join('{' + word + '}' for word in v.PLACEHOLDERS)}.",
            )
