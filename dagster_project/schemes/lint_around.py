"""Mistakes in the files that stand around a scheme: promises, settings, owners, approvals.

Each file may be absent. Add a file by its columns and key in ``lint_table.py`` and its cells here;
what a row says about another file has a generator of its own in ``_CHECKS``.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path

from dagster_project.governance.kinds import APPROVERS
from dagster_project.governance.requests.matrix import ANY, CONTRACTS, DIRECTIONS
from dagster_project.schemes.lint_cells import Range, number
from dagster_project.schemes.lint_table import OTHER_COLUMNS, Finding, PolicyRow, read_table
from dagster_project.schemes.policy import Settings

Rows = Mapping[str, tuple[PolicyRow, ...]]

_SHARE = Range(0, 1, is_whole=False)
_AMOUNT = Range(0, 1e15, is_whole=False)
_COUNT = Range(0, 10000)


@dataclass(frozen=True)
class Cells:
    """What the cells of a file must hold; ``may`` names columns that may be empty."""

    text: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    numbers: Mapping[str, Range] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    may: frozenset[str] = frozenset()


_TRUTH = ("true", "false")
CELLS: Mapping[str, Cells] = {
    "tier_commercial": Cells(numbers={"otif_promise": _SHARE, "min_annual_value_group": _AMOUNT}),
    "scheme_purpose": Cells(text=("scheme_id", "version"), days=("valid_from",)),
    "scheme_setting": Cells(text=("unit", "why"), numbers={"setting_value": _AMOUNT}),
    "segment_raci": Cells(
        text=("object_id", "person_id"),
        days=("valid_from", "valid_to"),
        may=frozenset({"valid_to"}),
    ),
    "expectation_item": Cells(text=("item_id", "label"), words={"is_higher_harder": _TRUTH}),
    "onboarding_tier": Cells(text=("why",), numbers={"min_amount_group": _AMOUNT}),
    "approval_matrix": Cells(
        text=("route", "roles", "why"),
        numbers={
            "rank": _COUNT,
            "min_steps": _COUNT,
            "max_steps": _COUNT,
            "min_revenue": _AMOUNT,
            "max_revenue": _AMOUNT,
            "expires_after_days": Range(1, 365),
        },
        words={"direction": (ANY, *DIRECTIONS), "is_emergency": _TRUTH},
        may=frozenset({"min_steps", "max_steps", "min_revenue", "max_revenue"}),
    ),
}


def around_findings(folder: Path) -> Iterator[Finding]:
    """Yield the mistakes in the files of a policy folder that a folder may leave out."""
    rows: dict[str, tuple[PolicyRow, ...]] = {}
    for name in OTHER_COLUMNS:
        path = folder / f"{name}.csv"
        if not path.is_file():
            continue
        table = read_table(path)
        yield from table.shape_findings()
        if not table.is_torn:
            rows[name] = table.rows
            for row in table.rows:
                yield from _cells(CELLS[name], row)
    for name in ("segment_scheme", "segment", "reclass_rule"):
        if (folder / f"{name}.csv").is_file():
            rows[name] = read_table(folder / f"{name}.csv").rows
    for check in _CHECKS:
        yield from check(rows)


def _cells(wanted: Cells, row: PolicyRow) -> Iterator[Finding]:
    for column in wanted.text:
        if not row[column]:
            yield row.finding("EMPTY_TEXT", column, "the cell is empty", "Fill it in.")
    for column, known in wanted.words.items():
        if row[column] not in known:
            cure = f"Write one of {', '.join(known)}."
            yield row.finding("UNKNOWN_WORD", column, "the word is not known", cure)
    for column in wanted.days:
        if (row[column] or column not in wanted.may) and _day(row[column]) is None:
            cure = "Write the date as 2026-01-31."
            yield row.finding("DATE_UNREADABLE", column, "expected a date", cure)
    for column, limits in wanted.numbers.items():
        if row[column] or column not in wanted.may:
            yield from _number(row, column, limits)


def _number(row: PolicyRow, column: str, limits: Range) -> Iterator[Finding]:
    value = number(row[column])
    kind = "a whole number" if limits.is_whole else "a number"
    cure = f"Write {kind} from {limits.low:g} to {limits.high:g}."
    if value is None or (limits.is_whole and value != int(value)):
        yield row.finding("NOT_A_NUMBER", column, f"expected {kind}", cure)
    elif not limits.low <= value <= limits.high:
        yield row.finding("OUT_OF_RANGE", column, "the number is out of range", cure)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


# Rows against other rows and files -------------------------------------------------------------


def _tiers(rows: Rows) -> dict[str, list[str]]:
    """Codes of the tiers of each scheme, the best first."""
    found: dict[str, list[tuple[float, str]]] = {}
    for row in rows.get("segment", ()):
        if row["kind"] == "TIER":
            rank = number(row["tier_rank"])
            place = (99.0 if rank is None else rank, row["segment_code"])
            found.setdefault(row["scheme_id"], []).append(place)
    return {scheme: [code for _, code in sorted(tiers)] for scheme, tiers in found.items()}


def _promises(rows: Rows) -> Iterator[Finding]:
    """Each tier has its promise, and a better tier does not promise less than a worse one."""
    own = rows.get("tier_commercial")
    if own is None:
        return
    tiers = _tiers(rows)
    for row in own:
        known = tiers.get(row["scheme_id"], [])
        if row["segment_code"] not in known:
            cure = f"Write one of {', '.join(known) or 'the tiers of segment.csv'}."
            yield row.finding("UNKNOWN_TIER", "segment_code", "the scheme has no such tier", cure)
    by_tier = {(row["scheme_id"], row["segment_code"]): row for row in own}
    for scheme, codes in sorted(tiers.items()):
        for code in codes:
            if (scheme, code) not in by_tier:
                problem = f"no row for {code} of scheme {scheme}"
                cure = f"Add a row for {code} with what it promises."
                yield Finding("NO_PROMISE", "tier_commercial.csv", 0, "segment_code", problem, cure)
        present = [by_tier[scheme, code] for code in codes if (scheme, code) in by_tier]
        for column in ("otif_promise", "min_annual_value_group"):
            yield from _not_above(present, column)


def _not_above(rows: list[PolicyRow], column: str) -> Iterator[Finding]:
    for better, worse in itertools.pairwise(rows):
        high, low = number(better[column]), number(worse[column])
        if high is not None and low is not None and low > high:
            problem = f"more than {high:g} of the better tier {better['segment_code']}"
            cure = f"Write at most {high:g}, or raise row {better.line}."
            yield worse.finding("PROMISE_INVERTED", column, problem, cure)


_PAIRS = (
    ("volume_class_a_share", "volume_class_b_share"),
    ("drop_low_per_month", "drop_high_per_month"),
    ("granularity_min_segments", "granularity_max_segments"),
)
"""Settings of which the first must be below the second."""


def _settings(rows: Rows) -> Iterator[Finding]:
    own = rows.get("scheme_setting")
    if own is None:
        return
    types = {each.name: each.type for each in fields(Settings)}
    by_name = {row["setting_name"]: row for row in own}
    for row in own:
        name, value = row["setting_name"], number(row["setting_value"])
        if name not in types:
            cure = "Correct the name, or delete the row: nothing reads it."
            yield row.finding("UNKNOWN_SETTING", "setting_name", "there is no such setting", cure)
        elif value is not None and types[name] is int and value != int(value):
            cure = f"Write a whole number: {name} counts {row['unit']}."
            yield row.finding("NOT_A_NUMBER", "setting_value", "expected a whole number", cure)
        elif value is not None and row["unit"] == "share" and value > 1:
            cure = "Write a share from 0 to 1."
            yield row.finding("OUT_OF_RANGE", "setting_value", "a share is at most 1", cure)
    for name in sorted(set(types) - set(by_name)):
        problem = f"there is no row for {name}"
        cure = f"Add a row for {name} with value, unit and why."
        yield Finding("NO_SETTING", "scheme_setting.csv", 0, "setting_name", problem, cure)
    for low, high in _PAIRS:
        if low in by_name and high in by_name:
            a, b = (number(by_name[one]["setting_value"]) for one in (low, high))
            if a is not None and b is not None and a >= b:
                cure = f"Write a number above {a:g}, which is {low}."
                problem = f"must be above {low}"
                yield by_name[high].finding("LIMITS_SWAPPED", "setting_value", problem, cure)


def _onboarding(rows: Rows) -> Iterator[Finding]:
    codes = {code for tiers in _tiers(rows).values() for code in tiers}
    amounts: dict[float, PolicyRow] = {}
    for row in rows.get("onboarding_tier", ()):
        if row["segment_code"] not in codes:
            cure = f"Write one of {', '.join(sorted(codes))}."
            yield row.finding("UNKNOWN_TIER", "segment_code", "no scheme has such a tier", cure)
        amount = number(row["min_amount_group"])
        if amount is not None and amount in amounts:
            problem = f"row {amounts[amount].line} begins at the same amount"
            cure = "Give each tier an amount of its own."
            yield row.finding("AMOUNT_TWICE", "min_amount_group", problem, cure)
        elif amount is not None:
            amounts[amount] = row


def _approvals(rows: Rows) -> Iterator[Finding]:
    names: dict[str, int] = {}
    schemes = {row["scheme_id"] for row in rows.get("segment_scheme", ())}
    for row in rows.get("approval_matrix", ()):
        roles = row["roles"].split()
        if "contract" in row.cells and row["contract"] not in (ANY, *CONTRACTS):
            cure = f"Write one of {ANY}, {', '.join(CONTRACTS)}."
            yield row.finding("UNKNOWN_WORD", "contract", "the word is not known", cure)
        if row["route"] in names:
            problem = f"row {names[row['route']]} has the name already"
            cure = "Give the route a name of its own."
            yield row.finding("ROUTE_TWICE", "route", problem, cure)
        names.setdefault(row["route"], row.line)
        if set(roles) - set(APPROVERS) or len(set(roles)) < len(roles):
            cure = f"Write some of {', '.join(APPROVERS)}, each once."
            yield row.finding("UNKNOWN_ROLE", "roles", "nobody can approve like this", cure)
        if row["scheme_id"] not in {ANY, *schemes}:
            cure = f"Write {ANY} or one of {', '.join(sorted(schemes))}."
            yield row.finding("UNKNOWN_SCHEME", "scheme_id", "there is no such scheme", cure)
        for low, high, may_equal in (
            ("min_steps", "max_steps", True),
            ("min_revenue", "max_revenue", False),
        ):
            a, b = number(row[low]), number(row[high])
            if a is not None and b is not None and (a > b or (a == b and not may_equal)):
                cure = f"Write a number above {a:g}, which is {low}, or leave the cell empty."
                yield row.finding("LIMITS_SWAPPED", high, f"must be above {low}", cure)


def _owned_objects(rows: Rows) -> Iterator[Finding]:
    """Owners are named for schemes, segments and rules that are there."""
    named = {
        "SCHEME": {row["scheme_id"] for row in rows.get("segment_scheme", ())}
        | {row["scheme_id"] for row in rows.get("scheme_purpose", ())},
        "SEGMENT": {f"{row['scheme_id']}:{row['segment_code']}" for row in rows.get("segment", ())},
        "RULE": {f"{row['scheme_id']}:{row['rule_id']}" for row in rows.get("reclass_rule", ())},
    }
    for row in rows.get("segment_raci", ()):
        known = named.get(row["object_kind"])
        if known and row["object_id"] not in {ANY, *known}:
            shown = sorted(known)
            cure = f"Write {ANY} or one such as {', '.join(shown[:4])}."
            problem = f"there is no such {row['object_kind'].lower()}"
            yield row.finding("UNKNOWN_OBJECT", "object_id", problem, cure)


_CHECKS: tuple[Callable[[Rows], Iterator[Finding]], ...] = (
    _promises,
    _settings,
    _onboarding,
    _approvals,
    _owned_objects,
)
