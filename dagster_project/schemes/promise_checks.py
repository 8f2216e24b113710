"""Mistakes in what is promised to whom: no tier may be promised more than a better one.

The file may be absent. What a promise does is in the models; add a check here, one generator each.
"""

import itertools
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from dagster_project.schemes.lint_cells import number
from dagster_project.schemes.lint_table import Finding, PolicyRow, read_table

NAME = "service_promise"
ELEMENTS = "service_element"
"""The file that says what can be promised, in which unit, and which direction is the stronger."""
STRONGER = ("LESS", "MORE")
COLUMNS = (
    *("scheme_id", "segment_code", "product_class", "customer_id", "element", "target", "unit"),
    *("percentile", "basis", "penalty_group", "valid_from", "valid_to", "why"),
)
SCOPE = ("scheme_id", "segment_code", "product_class", "customer_id", "element")
EVERYBODY = "*"
OPEN = date.max


def promise_findings(folder: Path) -> Iterator[Finding]:
    """Yield the mistakes in ``service_promise.csv``; later checks need rows that can be read."""
    path = folder / f"{NAME}.csv"
    if not path.is_file():
        return
    table = read_table(path)
    missing = [column for column in COLUMNS if column not in table.header]
    for column in missing:
        cure = f"Columns: {', '.join(COLUMNS)}."
        yield Finding("MISSING_COLUMN", path.name, 1, column, "the column is not there", cure)
    for line in table.ragged:
        problem = f"the row has not {len(table.header)} cells as the header has"
        yield Finding("RAGGED_ROW", path.name, line, "", problem, "Quote text that holds a comma.")
    if missing or table.ragged:
        return
    yield from _element_findings(folder)
    tiers, elements = _tiers(folder), _elements(folder)
    unreadable = [one for row in table.rows for one in _cells(row, tiers, elements)]
    yield from unreadable
    if not unreadable:
        yield from _twice(table.rows)
        yield from _inverted(table.rows, tiers, elements)
        yield from _told_otherwise(folder, table.rows)


def _tiers(folder: Path) -> dict[str, list[str]]:
    """Segments of each scheme: its tiers, the best first, then the others."""
    path = folder / "segment.csv"
    found: dict[str, list[tuple[float, str]]] = {}
    for row in read_table(path).rows if path.is_file() else ():
        rank = number(row["tier_rank"])
        place = (float("inf") if rank is None else rank, row["segment_code"])
        found.setdefault(row["scheme_id"], []).append(place)
    return {scheme: [code for _, code in sorted(places)] for scheme, places in found.items()}


def _elements(folder: Path) -> dict[str, PolicyRow]:
    path = folder / f"{ELEMENTS}.csv"
    rows = read_table(path).rows if path.is_file() else ()
    return {row["element"]: row for row in rows}


def _element_findings(folder: Path) -> Iterator[Finding]:
    """Each element says its unit and which direction of its target promises more."""
    path = folder / f"{ELEMENTS}.csv"
    if not path.is_file():
        problem = f"{NAME}.csv names elements that nothing explains"
        cure = "Restore the file: a row per element with unit, stronger, metric_id and why."
        yield Finding("MISSING_FILE", path.name, 0, "", problem, cure)
        return
    for row in read_table(path).rows:
        if row["stronger"] not in STRONGER:
            cure = f"Write one of {', '.join(STRONGER)}."
            yield row.finding("UNKNOWN_WORD", "stronger", "there is no such direction", cure)
        if not row["unit"]:
            cure = "Write the unit of the targets, such as share or days."
            yield row.finding("MISSING_VALUE", "unit", "a target without a unit says nothing", cure)


def _cells(
    row: PolicyRow, tiers: dict[str, list[str]], elements: dict[str, PolicyRow]
) -> Iterator[Finding]:
    known = tiers.get(row["scheme_id"], [])
    if row["segment_code"] not in (EVERYBODY, *known):
        cure = f"Write one of {', '.join((*known, EVERYBODY))}."
        yield row.finding("UNKNOWN_SEGMENT", "segment_code", "the scheme has none such", cure)
    unit = elements[row["element"]]["unit"] if row["element"] in elements else None
    if unit is None:
        cure = f"Write one of {', '.join(elements)}, or add a row to {ELEMENTS}.csv."
        yield row.finding("UNKNOWN_WORD", "element", "nothing of that name is promised", cure)
    elif row["unit"] != unit:
        yield row.finding(
            "UNKNOWN_WORD", "unit", f"{row['element']} is in {unit}", f"Write {unit}."
        )
    if row["basis"] not in ("REQ", "FIRST", "LAST"):
        cure = "Write REQ, FIRST or LAST."
        yield row.finding("UNKNOWN_WORD", "basis", "there is no such date", cure)
    target = number(row["target"])
    if target is None:
        cure = "Write the promise as a number."
        yield row.finding("NOT_A_NUMBER", "target", "expected a number", cure)
    elif target < 0 or (unit in ("share", "flag") and target > 1):
        cure = "Write a share or flag from 0 to 1, anything else from 0 on."
        yield row.finding("OUT_OF_RANGE", "target", "no promise can be that", cure)
    penalty = number(row["penalty_group"])
    if row["penalty_group"] and (penalty is None or penalty < 0):
        cure = "Write what a line below the promise costs, from 0 on, or leave the cell blank."
        yield row.finding("OUT_OF_RANGE", "penalty_group", "no penalty can be that", cure)
    for column in ("valid_from", "valid_to"):
        if _day(row, column) is None:
            cure = "Write a day as YYYY-MM-DD."
            yield row.finding("DATE_UNREADABLE", column, "expected a day", cure)


def _day(row: PolicyRow, column: str) -> date | None:
    if column == "valid_to" and not row[column]:
        return OPEN
    try:
        return date.fromisoformat(row[column])
    except ValueError:
        return None


def _span(row: PolicyRow) -> tuple[date, date]:
    return _day(row, "valid_from") or date.min, _day(row, "valid_to") or OPEN


def _twice(rows: tuple[PolicyRow, ...]) -> Iterator[Finding]:
    """Two promises of the same kind to the same customers must not hold on the same day."""
    ordered = sorted(rows, key=lambda row: ([row[column] for column in SCOPE], _span(row)))
    for before, row in itertools.pairwise(ordered):
        same = all(before[column] == row[column] for column in SCOPE)
        if same and _span(row)[0] < _span(before)[1]:
            problem = f"row {before.line} promises the same scope something for that day"
            cure = f"End row {before.line} with valid_to, or delete one of the two."
            yield row.finding("TWO_PROMISES", "valid_from", problem, cure)


def _inverted(
    rows: tuple[PolicyRow, ...], tiers: dict[str, list[str]], elements: dict[str, PolicyRow]
) -> Iterator[Finding]:
    """On no day is a tier promised more than a better one, for any class of articles."""
    general = [row for row in rows if not row["customer_id"] and row["segment_code"] != EVERYBODY]
    groups = {(row["scheme_id"], row["element"], row["product_class"]) for row in general}
    told: set[int] = set()
    for scheme, element, product_class in sorted(groups):
        own = [row for row in general if (row["scheme_id"], row["element"]) == (scheme, element)]
        for day in sorted({_span(row)[0] for row in own}):
            held = [_held(own, code, product_class, day) for code in tiers.get(scheme, [])]
            present = [row for row in held if row is not None]
            for better, worse in itertools.pairwise(present):
                is_less = elements[element]["stronger"] == "LESS"
                if worse.line in told or not _is_stronger(worse, better, is_less):
                    continue
                told.add(worse.line)
                problem = f"stronger than {better['target']} of the better tier"
                problem += f" {better['segment_code']} on {day}"
                cure = f"Promise no more than row {better.line}, or raise that row."
                yield worse.finding("PROMISE_INVERTED", "target", problem, cure)


def _held(rows: list[PolicyRow], code: str, product_class: str, day: date) -> PolicyRow | None:
    """The promise to a tier for a class on a day: its own, else the one for all classes."""
    for wanted in (product_class, ""):
        for row in rows:
            is_meant = (row["segment_code"], row["product_class"]) == (code, wanted)
            if is_meant and _span(row)[0] <= day < _span(row)[1]:
                return row
    return None


def _is_stronger(one: PolicyRow, other: PolicyRow, is_less: bool) -> bool:
    a, b = float(one["target"]), float(other["target"])
    return a < b if is_less else a > b


def _told_otherwise(folder: Path, rows: tuple[PolicyRow, ...]) -> Iterator[Finding]:
    """What the commercial terms of a tier quote is what the tier is promised."""
    path = folder / "tier_commercial.csv"
    quoted = read_table(path).rows if path.is_file() else ()
    for row in quoted:
        own = [
            one
            for one in rows
            if (one["scheme_id"], one["segment_code"]) == (row["scheme_id"], row["segment_code"])
            and one["element"] == "OTIF"
            and not one["product_class"]
            and not one["customer_id"]
            and not one["valid_to"]
        ]
        said = number(row["otif_promise"])
        if own and said is not None and float(own[-1]["target"]) != said:
            problem = f"row {own[-1].line} of {NAME}.csv promises {own[-1]['target']}"
            yield row.finding("PROMISE_DIFFERS", "otif_promise", problem, "Write one of the two.")
