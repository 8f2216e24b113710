"""Rules as typed objects, from rows of ``reclass_rule.csv``.

A threshold rule speaks about membership of its ``target_segment``: who stands below it may enter
at ``threshold_up``, who stands in it or above must leave past ``threshold_down``. ``UP`` uses only
the first half, ``DOWN`` only the second, ``BOTH`` both. Without a target segment the rule is about
the next tier. ``TO_SPECIFIC`` moves whoever meets the condition to the target.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dagster_project.errors import UsageError
from dagster_project.reclassification.effective import Step, parse_policy
from dagster_project.reclassification.guards import Freeze, parse_freeze
from dagster_project.reclassification.lint import FILE, lint
from dagster_project.reclassification.metrics import Span
from dagster_project.reclassification.scope import Scope, parse_scope
from dagster_project.reclassification.vocabulary import (
    AUTO_ATTRIBUTES,
    EXCLUDED,
    NO_EVENT,
    SCOPE_ATTRIBUTES,
    Segments,
)

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """One version of one rule; the columns of the table, read and checked."""

    rule_id: str
    version: int
    name: str
    status: str
    priority: int
    scope: Scope
    metric_id: str
    aggregation: str
    window: Span
    min_observations: int
    operator: str
    threshold_up: float | None
    threshold_down: float | None
    consecutive: int
    cadence: str
    trigger_event: str
    direction: str
    target_segment: str
    max_steps: int
    min_dwell_days: int
    cool_off_days: int
    freeze_windows: tuple[Freeze, ...]
    respects_contract_floor: bool
    respects_parent: str
    approval: str
    auto_if: Scope | None
    effective: tuple[Step, ...]
    notice_days: int
    missing_data: str
    min_confidence: float
    explain_template: str
    owner: str
    valid_from_day: int
    valid_to_day: int

    @property
    def level(self) -> int:
        """Exclusion rules first, then event rules, then threshold rules."""
        if self.target_segment == EXCLUDED:
            return 0
        return 2 if self.trigger_event == NO_EVENT else 1

    @property
    def place(self) -> tuple[int, int, str, int]:
        """Order of evaluation."""
        return self.level, self.priority, self.rule_id, self.version

    def is_active(self, day: int) -> bool:
        """Whether the rule is in force on a day."""
        return self.status == "ACTIVE" and self.valid_from_day <= day < self.valid_to_day


@dataclass(frozen=True)
class RuleSet:
    """The rules of one scheme in their order, and a version made of their content."""

    segments: Segments
    rules: tuple[Rule, ...]
    version: str


def parse_rules(
    rows: Iterable[Row],
    segments: Segments,
    metrics: Mapping[str, bool],
    band_min: float = 0.0,
    file: str = FILE,
) -> RuleSet:
    """Return the rules of one scheme; the order of the rows does not matter.

    Args:
        rows: Rows of ``reclass_rule.csv``, all values text or null; other schemes are left out.
        segments: Segments of the scheme.
        metrics: Known metrics, and whether each has a denominator.
        band_min: Least width of a hysteresis band, in the unit of the metric.
        file: Name of the file, for errors.

    Raises:
        UsageError: The first mistake that ``lint`` finds, and how many more there are.
    """
    table = [dict(row) for row in rows]
    found = lint(table, segments, metrics, band_min, file)
    if found:
        more = f" {len(found) - 1} more mistakes follow." if len(found) > 1 else ""
        raise UsageError("The rules are not usable.", found[0].where + more, found[0].cure)
    own = [row for row in table if _text(row, "scheme_id") == segments.scheme_id]
    rules = tuple(sorted((_rule(row) for row in own), key=lambda rule: rule.place))
    content = sorted(json.dumps(_plain(row), sort_keys=True) for row in own)
    version = hashlib.sha256("\n".join(content).encode()).hexdigest()[:16]
    return RuleSet(segments, rules, version)


def _plain(row: Row) -> dict[str, str]:
    return {key: str(value) for key, value in row.items() if value not in (None, "")}


def _text(row: Row, column: str) -> str:
    value = row.get(column)
    return "" if value is None else str(value).strip()


def _whole(row: Row, column: str, default: int) -> int:
    return int(_text(row, column) or default)


def _maybe(row: Row, column: str) -> float | None:
    return float(_text(row, column)) if _text(row, column) else None


def _day(row: Row, column: str, default: str) -> int:
    return int(np.datetime64(_text(row, column) or default, "D").astype(int))


def _rule(row: Row) -> Rule:
    auto = _text(row, "auto_if")
    missing = _text(row, "missing_data") or "HOLD"
    confidence = missing.partition("(")[2].rstrip(")")
    freezes = json.loads(_text(row, "freeze_windows") or "[]")
    return Rule(
        rule_id=_text(row, "rule_id"),
        version=_whole(row, "version", 1),
        name=_text(row, "name"),
        status=_text(row, "status"),
        priority=_whole(row, "priority", 0),
        scope=parse_scope(_text(row, "scope_filter"), SCOPE_ATTRIBUTES),
        metric_id=_text(row, "metric_id"),
        aggregation=_text(row, "aggregation") or "LAST",
        window=Span(
            _whole(row, "window_n", 1),
            _text(row, "window_unit") or "MONTH",
            _whole(row, "window_offset", 0),
        ),
        min_observations=_whole(row, "min_observations", 1),
        operator=_text(row, "operator") or ">=",
        threshold_up=_maybe(row, "threshold_up"),
        threshold_down=_maybe(row, "threshold_down"),
        consecutive=_whole(row, "consecutive_evaluations", 1),
        cadence=_text(row, "cadence"),
        trigger_event=_text(row, "trigger_event") or NO_EVENT,
        direction=_text(row, "direction"),
        target_segment=_text(row, "target_segment"),
        max_steps=_whole(row, "max_steps", 1),
        min_dwell_days=_whole(row, "min_dwell_days", 0),
        cool_off_days=_whole(row, "cool_off_after_override_days", 0),
        freeze_windows=tuple(parse_freeze(text) for text in freezes),
        respects_contract_floor=_text(row, "respects_contract_floor") != "false",
        respects_parent=_text(row, "respects_parent") or "INDEPENDENT",
        approval=_text(row, "approval") or "OWNER",
        auto_if=parse_scope(auto, AUTO_ATTRIBUTES) if auto else None,
        effective=parse_policy(_text(row, "effective_policy") or "IMMEDIATE"),
        notice_days=_whole(row, "notice_days_customer", 0),
        missing_data=missing.partition("(")[0],
        min_confidence=float(confidence) if confidence else 1.0,
        explain_template=_text(row, "explain_template"),
        owner=_text(row, "owner"),
        valid_from_day=_day(row, "valid_from", "0001-01-01"),
        valid_to_day=_day(row, "valid_to", "9999-12-31"),
    )
