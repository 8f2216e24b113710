"""Requests from a CSV file: every row has a result, and giving the file again adds nothing.

Columns: ``key``, ``entity_id``, ``to_segment``, ``effective_date`` (YYYY-MM-DD), ``reason``; may be
there: ``reason_code``, ``scheme_id``, ``from_segment``, ``is_emergency`` (true or false),
``attachment``, ``holds_until`` (YYYY-MM-DD).
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dagster_project.errors import TierlineError, UsageError
from dagster_project.governance.requests.desk import Ask, Asker, Desk, Outcome
from dagster_project.governance.requests.impact import Facts

NEEDED = ("key", "entity_id", "to_segment", "effective_date", "reason")
OPTIONAL = ("reason_code", "scheme_id", "from_segment", "is_emergency", "attachment", "holds_until")
_CURE = "Correct the row and give the file again; rows that were accepted are not doubled."

FactsFinder = Callable[[Sequence[Ask]], tuple[Mapping[str, Facts], Mapping[str, TierlineError]]]
"""Returns what is known of the entities, and the error of each that is not known."""


@dataclass(frozen=True)
class RowResult:
    """What became of a row. ``row`` counts from 2, as a spreadsheet shows it."""

    row: int
    key: str
    entity_id: str
    result: str
    request_id: str | None
    why: str
    fix: str


def submit_file(path: Path, desk: Desk, asker: Asker, find: FactsFinder) -> list[RowResult]:
    """Hand in the rows of a file; return one result per row, in the order of the file.

    Raises:
        UsageError: The file cannot be read, or a column is missing or unknown.
    """
    rows = _rows(path)
    asks: list[tuple[int, Ask]] = []
    results: dict[int, RowResult] = {}
    keys: dict[str, int] = {}
    for number, row in enumerate(rows, start=2):
        try:
            ask = _ask(path, number, row)
            if ask.key in keys and ask.key:
                raise _bad(path, number, "key", f"is '{ask.key}', as in row {keys[ask.key]}")
        except UsageError as error:
            results[number] = _refused(number, row, error)
            continue
        keys[str(ask.key)] = number
        asks.append((number, ask))
    facts, unknown = find([ask for _, ask in asks])
    for number, ask in asks:
        if ask.entity_id in unknown:
            results[number] = _refused(number, rows[number - 2], unknown[ask.entity_id])
    asks = [(number, ask) for number, ask in asks if number not in results]
    outcomes = desk.submit_many([ask for _, ask in asks], asker, facts)
    for (number, ask), outcome in zip(asks, outcomes, strict=True):
        results[number] = _result(number, ask, outcome)
    return [results[number] for number in sorted(results)]


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, restkey="")
            names = list(reader.fieldnames or [])
            rows = [dict(row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(
            f"{path} cannot be read.", f"{type(error).__name__}: {error}.", "Give a CSV in UTF-8."
        ) from error
    missing = [name for name in NEEDED if name not in names]
    unknown = [name for name in names if name not in (*NEEDED, *OPTIONAL)]
    if missing or unknown:
        raise UsageError(
            f"{path.name} does not have the columns of a bulk file.",
            f"Missing: {', '.join(missing) or 'none'}; unknown: {', '.join(unknown) or 'none'}.",
            f"The first line is {','.join(NEEDED)} and any of {','.join(OPTIONAL)}.",
        )
    return rows


def _ask(path: Path, number: int, row: Mapping[str, str | None]) -> Ask:
    if "" in row:
        raise _bad(path, number, "after the last", "has a value; quote cells that hold a comma")
    cells = {name: (row.get(name) or "").strip() for name in (*NEEDED, *OPTIONAL)}
    for name in NEEDED:
        if not cells[name]:
            raise _bad(path, number, name, "must not be blank")
    day = _day(path, number, "effective_date", cells["effective_date"])
    until = cells["holds_until"]
    if cells["is_emergency"] not in ("", "true", "false"):
        raise _bad(path, number, "is_emergency", "must be true or false")
    return Ask(
        *(cells["entity_id"], cells["to_segment"], day, cells["reason"]),
        reason_code=cells["reason_code"] or "OTHER",
        scheme_id=cells["scheme_id"] or "service",
        from_segment=cells["from_segment"] or None,
        is_emergency=cells["is_emergency"] == "true",
        attachment=cells["attachment"] or None,
        key=cells["key"],
        holds_until=_day(path, number, "holds_until", until) if until else None,
    )


def _day(path: Path, number: int, column: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _bad(path, number, column, f"is '{text}', which is no day YYYY-MM-DD") from None


def _result(number: int, ask: Ask, outcome: Outcome) -> RowResult:
    said = (outcome.result, outcome.request_id, outcome.why, outcome.fix)
    return RowResult(number, str(ask.key), ask.entity_id, *said)


def _refused(number: int, row: Mapping[str, str | None], error: TierlineError) -> RowResult:
    names = (row.get("key") or "", row.get("entity_id") or "")
    return RowResult(number, *names, "REFUSED", None, f"{error.what} {error.why}", error.fix)


def _bad(path: Path, number: int, column: str, why: str) -> UsageError:
    return UsageError(
        f"{path.name}, row {number}, column {column} cannot be used.", f"The cell {why}.", _CURE
    )
