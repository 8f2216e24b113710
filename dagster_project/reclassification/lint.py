"""Mistakes in a table of rules, each with file, row, column and cure.

The single cells of a row are read in ``lint_cells``; here stands what concerns a row as a whole
and what rows say against each other. A mistake is found before anything is evaluated.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dagster_project.reclassification import lint_cells as cells
from dagster_project.reclassification.conditions import less_is_better
from dagster_project.reclassification.lint_cells import Mistake, number, text
from dagster_project.reclassification.vocabulary import NO_EVENT, UNITS, Segments

FILE = "reclass_rule.csv"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """One mistake. ``row`` is the line of the file: the header is line 1."""

    kind: str
    file: str
    row: int
    rule_id: str
    column: str
    why: str
    cure: str

    @property
    def where(self) -> str:
        """One line for a person."""
        return f"{self.file}, row {self.row} ({self.rule_id}), column {self.column}: {self.why}."


def lint(
    rows: Sequence[Row],
    segments: Segments,
    metrics: Mapping[str, bool],
    band_min: float = 0.0,
    file: str = FILE,
) -> list[Finding]:
    """Return all mistakes by row; an empty list means that the rules can be used.

    Args:
        rows: Rows of the table in the order of the file.
        segments: Segments of the scheme; rows of other schemes are left to their own check.
        metrics: Known metrics, and whether each has a denominator.
        band_min: Least width of a hysteresis band.
        file: Name of the file, for the findings.
    """
    own = [
        (line, row)
        for line, row in enumerate(rows, start=2)
        if text(row, "scheme_id") in (segments.scheme_id, "")
    ]
    found: list[tuple[int, Mistake]] = []
    for line, row in own:
        single = [*cells.check(row, segments, metrics)]
        found += [(line, mistake) for mistake in single]
        if not single:
            found += [(line, mistake) for mistake in _row(row, band_min)]
    found += _together(own)
    names = {line: text(row, "rule_id") or "no rule_id" for line, row in own}
    return [
        Finding(m.kind, file, line, names[line], m.column, m.why, m.cure)
        for line, m in sorted(found, key=lambda item: (item[0], item[1].column, item[1].kind))
    ]


def _row(row: Row, band_min: float) -> Iterator[Mistake]:
    """What the cells of one readable row say against each other."""
    yield from _band(row, band_min)
    yield from _direction(row)
    metric = text(row, "metric_id")
    columns = int(text(row, "window_n") or 1) * UNITS[text(row, "window_unit") or "MONTH"]
    if metric and int(text(row, "min_observations") or 1) > columns:
        yield Mistake(
            "too_many_observations",
            "min_observations",
            f"more observations than the {columns} periods of the window",
            "Lower min_observations or widen the window.",
        )
    event, cadence = text(row, "trigger_event") or NO_EVENT, text(row, "cadence")
    if cadence == "EVENT" and event == NO_EVENT:
        yield Mistake(
            "event_missing",
            "trigger_event",
            "cadence is EVENT but no event is named",
            "Name the event, or choose a cadence such as MONTHLY.",
        )
    if not metric and event == NO_EVENT and text(row, "direction") != "TO_SPECIFIC":
        yield Mistake(
            "nothing_to_decide",
            "metric_id",
            "a rule that moves up or down needs a metric or an event",
            "Name a metric or a trigger_event.",
        )
    steps = text(row, "effective_policy").replace(" ", "")
    no_days = "AFTER_NOTICE" in [step.strip() for step in steps.split("+")]
    if no_days and not int(text(row, "notice_days_customer") or 0):
        yield Mistake(
            "notice_without_days",
            "effective_policy",
            "AFTER_NOTICE without days",
            "Write AFTER_NOTICE(30), or fill notice_days_customer.",
        )
    first, end = text(row, "valid_from"), text(row, "valid_to")
    if first and end and end <= first:
        yield Mistake(
            "validity_inverted",
            "valid_to",
            f"not after valid_from {first}",
            "Let valid_to be later; the day itself no longer counts.",
        )


def _band(row: Row, band_min: float) -> Iterator[Mistake]:
    up, down = number(row, "threshold_up"), number(row, "threshold_down")
    if up is None or down is None:
        return
    operator = text(row, "operator")
    width = down - up if less_is_better(operator) else up - down
    if width < 0:
        side = "above" if less_is_better(operator) else "below"
        yield Mistake(
            "band_inverted",
            "threshold_down",
            f"threshold_down {down:g} must lie {side} threshold_up {up:g} for {operator}",
            "Swap the two thresholds.",
        )
    elif width < band_min and operator != "BETWEEN":
        yield Mistake(
            "band_narrow",
            "threshold_down",
            f"the band is {width:g} wide, at least {band_min:g} is needed",
            f"Move the thresholds at least {band_min:g} apart, so that customers do not flip.",
        )


def _direction(row: Row) -> Iterator[Mistake]:
    direction, target = text(row, "direction"), text(row, "target_segment")
    up, down = text(row, "threshold_up"), text(row, "threshold_down")
    if direction == "TO_SPECIFIC" and not target and text(row, "trigger_event") != "MERGE":
        yield Mistake(
            "target_missing",
            "target_segment",
            "TO_SPECIFIC without a segment",
            "Name the segment, or choose UP or DOWN.",
        )
    if not text(row, "metric_id"):
        return
    need = {"UP": [up], "DOWN": [down], "BOTH": [up, down], "TO_SPECIFIC": [up or down]}[direction]
    if text(row, "operator") == "BETWEEN":
        need = [up, down]
    if not all(need):
        column = "threshold_up" if not need[0] and direction != "DOWN" else "threshold_down"
        yield Mistake(
            "threshold_missing",
            column,
            f"direction {direction} needs a threshold here",
            "Fill the threshold, or change the direction.",
        )
    if not text(row, "operator"):
        yield Mistake(
            "operator_missing",
            "operator",
            "a metric is named but nothing says how to compare it",
            "Fill the operator.",
        )


# Rows against each other ------------------------------------------------------------------------


def _together(own: list[tuple[int, Row]]) -> Iterator[tuple[int, Mistake]]:
    active = [(line, row) for line, row in own if text(row, "status") == "ACTIVE"]
    by_rule: dict[str, list[tuple[int, Row]]] = defaultdict(list)
    for line, row in own:
        by_rule[text(row, "rule_id")].append((line, row))
    for versions in by_rule.values():
        for (line, a), (other, b) in itertools.combinations(versions, 2):
            yield from _versions(line, a, other, b)
    by_place: dict[tuple[str, str], list[tuple[int, Row]]] = defaultdict(list)
    for line, row in active:
        scope = "".join(text(row, "scope_filter").lower().split())
        by_place[text(row, "priority"), scope].append((line, row))
    for rivals in by_place.values():
        for (line, a), (other, b) in itertools.combinations(rivals, 2):
            if _overlap(a, b) and _contradict(a, b):
                yield (
                    other,
                    Mistake(
                        "contradiction",
                        "priority",
                        f"row {line} has the same priority and scope and decides otherwise on "
                        "the same metric",
                        "Give one of them another priority, or narrow its scope.",
                    ),
                )


def _versions(line: int, a: Row, other: int, b: Row) -> Iterator[tuple[int, Mistake]]:
    if text(a, "version") == text(b, "version"):
        yield (
            other,
            Mistake(
                "version_twice",
                "version",
                f"row {line} is the same version of this rule",
                "Give the newer row the next version.",
            ),
        )
    both_active = {text(a, "status"), text(b, "status")} == {"ACTIVE"}
    if both_active and _overlap(a, b):
        yield (
            other,
            Mistake(
                "validity_overlaps",
                "valid_from",
                f"row {line} is in force at the same time",
                "End one version where the next begins.",
            ),
        )


def _overlap(a: Row, b: Row) -> bool:
    first, second = (
        (text(row, "valid_from") or "0001-01-01", text(row, "valid_to") or "9999-12-31")
        for row in (a, b)
    )
    return first[0] < second[1] and second[0] < first[1]


def _contradict(a: Row, b: Row) -> bool:
    """Two rules that fire together for certain, or can, and send customers elsewhere."""
    same = ("metric_id", "trigger_event", "operator", "aggregation")
    if any(text(a, column) != text(b, column) for column in same):
        return False
    if text(a, "rule_id") == text(b, "rule_id"):
        return False
    directions = {text(a, "direction"), text(b, "direction")}
    if directions == {"TO_SPECIFIC"}:
        return text(a, "target_segment") != text(b, "target_segment")
    if directions != {"UP", "DOWN"} or text(a, "target_segment") != text(b, "target_segment"):
        return False
    up, down = (a, b) if text(a, "direction") == "UP" else (b, a)
    enter, leave = number(up, "threshold_up"), number(down, "threshold_down")
    if enter is None or leave is None:
        return True
    return enter > leave if less_is_better(text(a, "operator")) else enter < leave
