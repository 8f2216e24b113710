"""Mistakes in what schemes are for and in who answers: scheme_purpose.csv and segment_raci.csv.

Both files may be absent; what is in them is told like mistakes in the other policy files.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from dagster_project.schemes.lint_table import Finding, PolicyRow, read_table
from dagster_project.schemes.policy import CODINGS, STATUSES

PURPOSE_WORDS: Mapping[str, tuple[str, ...]] = {
    "purpose": ("DEMAND_PLANNING", "SERVICE_DIFFERENTIATION", "NETWORK_DESIGN"),
    "status": STATUSES,
    "coding": CODINGS,
    "needs_signoff": ("true", "false"),
}
RACI_WORDS: Mapping[str, tuple[str, ...]] = {
    "object_kind": ("SCHEME", "SEGMENT", "RULE", "METRIC", "SLA"),
    "raci": ("A", "R", "C", "I"),
    "function_code": ("SC", "SALES", "FINANCE", "CS", "IT"),
}
OPEN = "9999-12-31"


def ownership_findings(folder: Path) -> Iterator[Finding]:
    """Yield the mistakes in the two files of a policy folder."""
    purposes, raci = folder / "scheme_purpose.csv", folder / "segment_raci.csv"
    if purposes.is_file():
        rows = _readable(purposes)
        yield from _unknown_words(rows, PURPOSE_WORDS)
        yield from _purposes(rows)
    if raci.is_file():
        rows = _readable(raci)
        yield from _unknown_words(rows, RACI_WORDS)
        yield from _letters(rows)


def _readable(path: Path) -> tuple[PolicyRow, ...]:
    """The rows of a file; none of a torn one, which is told by the shape of the file."""
    table = read_table(path)
    return () if table.is_torn else table.rows


def _unknown_words(
    rows: tuple[PolicyRow, ...], words: Mapping[str, tuple[str, ...]]
) -> Iterator[Finding]:
    for row in rows:
        for column, known in words.items():
            if row[column] not in known:
                cure = f"Write one of {', '.join(known)}."
                yield row.finding("UNKNOWN_WORD", column, "not known", cure)


def _purposes(rows: tuple[PolicyRow, ...]) -> Iterator[Finding]:
    serving: dict[str, PolicyRow] = {}
    for row in rows:
        for column, check in (("owner", "NO_OWNER"), ("consumer", "NO_CONSUMER")):
            if row["status"] == "ACTIVE" and not row[column]:
                cure = f"Name the {column}, or make the scheme DRAFT."
                yield row.finding(check, column, f"an active scheme has no {column}", cure)
        if row["status"] == "ACTIVE" and row["purpose"] in serving:
            other = serving[row["purpose"]]
            problem = f"{other['scheme_id']} in row {other.line} is ACTIVE for it already"
            yield row.finding("PURPOSE_TWICE", "purpose", problem, "Retire one of the two.")
        elif row["status"] == "ACTIVE":
            serving[row["purpose"]] = row


def _letters(rows: tuple[PolicyRow, ...]) -> Iterator[Finding]:
    objects: dict[tuple[str, str], list[PolicyRow]] = {}
    for row in rows:
        objects.setdefault((row["object_kind"], row["object_id"]), []).append(row)
        if row["valid_to"] and row["valid_to"] <= row["valid_from"]:
            cure = f"Write a day after {row['valid_from']}, or leave the cell empty."
            yield row.finding("EMPTY_VALIDITY", "valid_to", "the row never holds", cure)
    for own in objects.values():
        yield from _same_person_twice(own)
        answering = [row for row in own if row["raci"] == "A"]
        if not answering:
            cure = "Give one of its rows the letter A."
            yield own[0].finding("NO_OWNER", "raci", "nobody answers for the object", cure)
        for position, row in enumerate(answering):
            for other in answering[:position]:
                if _overlap(row, other):
                    problem = f"{other['person_id']} in row {other.line} answers for it already"
                    cure = "Keep one letter A, or end one of the two before the other begins."
                    yield row.finding("SEVERAL_OWNERS", "raci", problem, cure)
        functions = {row["function_code"] for row in answering}
        working = {row["function_code"] for row in own if row["raci"] == "R"}
        if len(functions) == 1 and not working - functions:
            cure = "Add a row with letter R of another function."
            problem = "no other function does the work"
            yield answering[0].finding("NO_OTHER_FUNCTION", "function_code", problem, cure)


def _same_person_twice(own: list[PolicyRow]) -> Iterator[Finding]:
    """One person with one letter in two rows that hold on the same day."""
    columns = ("raci", "function_code", "person_id")
    for position, row in enumerate(own):
        for other in own[:position]:
            same = row["raci"] != "A" and all(row[name] == other[name] for name in columns)
            if same and row["valid_from"] != other["valid_from"] and _overlap(row, other):
                problem = f"row {other.line} says the same and is in force at the same time"
                cure = "End one row where the other begins, or delete it."
                yield row.finding("OVERLAPPING_VALIDITY", "valid_from", problem, cure)


def _overlap(first: PolicyRow, second: PolicyRow) -> bool:
    return first["valid_from"] < (second["valid_to"] or OPEN) and second["valid_from"] < (
        first["valid_to"] or OPEN
    )
