"""Checks of single cells: is it a number, within its range, one of the known words?

Add a column by adding it to ``NUMBERS`` or ``WORDS``. Checks that need a second row belong in
``lint_rules.py``.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dagster_project.schemes.fitness import PURPOSES
from dagster_project.schemes.lint_table import Finding, PolicyRow, PolicyTable
from dagster_project.segmentation.attributes import ATTRIBUTES
from dagster_project.segmentation.scores import NullPolicy


@dataclass(frozen=True)
class Range:
    """A number between two limits, both included; whole if nothing else is said."""

    low: float
    high: float
    is_whole: bool = True


_DAYS = Range(0, 3650)

NUMBERS: dict[str, dict[str, Range]] = {
    "segment_scheme": {
        "window_months": Range(1, 60),
        "record_lag_days": Range(0, 27),
        "initial_load_days": _DAYS,
        "winsor_low_pct": Range(0, 100, is_whole=False),
        "winsor_high_pct": Range(0, 100, is_whole=False),
        "onboarding_min_orders": Range(0, 1000),
        "onboarding_min_days": _DAYS,
        "onboarding_max_days": _DAYS,
        "dormant_min_days": Range(1, 3650),
        "dormant_interval_quantile_pct": Range(0, 100, is_whole=False),
        "dormant_interval_multiple": Range(0, 100, is_whole=False),
    },
    "scheme_attribute": {"weight": Range(0, 1, is_whole=False)},
    "segment_threshold": {"threshold_up": Range(0, 100, is_whole=False)},
    "segment": {},
}

WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "segment_scheme": {
        "status": ("ACTIVE", "DRAFT", "RETIRED"),
        "purpose": tuple(PURPOSES),
    },
    "segment": {"kind": ("TIER", "ONBOARDING", "DORMANT", "EXCLUDED")},
    "scheme_attribute": {
        "attribute_id": tuple(sorted(ATTRIBUTES)),
        "direction": ("HIGHER", "LOWER"),
        "null_policy": tuple(str(policy) for policy in NullPolicy),
    },
    "segment_threshold": {},
}

OPTIONAL_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "segment_scheme": {"approval_enforced": ("true", "false")}
}
"""Columns that a file may leave out."""

TEXT = {
    "segment_scheme": ("scheme_id", "name"),
    "segment": ("segment_code", "label"),
    "scheme_attribute": ("label",),
    "segment_threshold": ("segment_code",),
}
"""Cells that must not be empty."""


def number(text: str) -> float | None:
    """The number that a cell holds, or None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def cell_findings(tables: Mapping[str, PolicyTable]) -> Iterator[Finding]:
    """Yield the mistakes that a single cell shows."""
    for name, table in tables.items():
        for row in table.rows:
            yield from _numbers(name, row)
            yield from _words(name, row)
    for row in tables["segment_scheme"].rows:
        if not row["owner"]:
            yield row.finding(
                "NO_OWNER", "owner", "nobody answers for the scheme", "Name the function that does."
            )


def _numbers(name: str, row: PolicyRow) -> Iterator[Finding]:
    for column, wanted in NUMBERS[name].items():
        value = number(row[column])
        kind = "a whole number" if wanted.is_whole else "a number"
        cure = f"Write {kind} from {wanted.low:g} to {wanted.high:g}."
        if value is None or (wanted.is_whole and value != int(value)):
            yield row.finding("NOT_A_NUMBER", column, f"expected {kind}", cure)
        elif not wanted.low <= value <= wanted.high:
            yield row.finding("OUT_OF_RANGE", column, "the number is out of range", cure)
        elif column == "weight" and value == 0:
            cure = "Give it a weight above 0 or delete the row."
            yield row.finding("ZERO_WEIGHT", column, "a weight of 0 decides nothing", cure)


def _words(name: str, row: PolicyRow) -> Iterator[Finding]:
    optional = OPTIONAL_WORDS.get(name, {})
    there = {column: known for column, known in optional.items() if column in row.cells}
    for column, known in (WORDS[name] | there).items():
        if row[column] not in known:
            cure = f"Write one of {', '.join(known)}."
            yield row.finding("UNKNOWN_WORD", column, "the word is not known", cure)
    for column in TEXT[name]:
        if not row[column]:
            yield row.finding("EMPTY_TEXT", column, "the cell is empty", "Fill it in.")
