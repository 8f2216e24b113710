"""What the contract asks of each value, as SQL over columns that hold text.

Add a check here when the contract learns a new property of a column. Text is kept as it
came; only what the manifest declares to be written another way (decimal comma, date format)
and booleans are brought to the canonical form, because nothing later knows the manifest.
"""

from dataclasses import dataclass

from dagster_project.ingestion.contract import Column, Feed
from dagster_project.ingestion.manifest import Manifest

TRUE_TEXTS = ("true", "t", "1", "yes", "y")
FALSE_TEXTS = ("false", "f", "0", "no", "n")
MIDNIGHTS = ("T00:00:00Z", "T00:00:00", " 00:00:00", " 00:00:00.000", "T00:00:00.000Z")
EXPECTED = {
    "bigint": "a whole number",
    "date": "a date YYYY-MM-DD",
    "timestamp": "an ISO 8601 timestamp",
    "boolean": "true or false",
}


@dataclass(frozen=True)
class Check:
    """One way in which a value can break the contract; ``is_broken`` is never null."""

    column: str
    reason: str
    is_broken: str


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """A value as an SQL text literal, or null."""
    return "null" if value is None else "'" + str(value).replace("'", "''") + "'"


def literals(values: tuple[str, ...]) -> str:
    return "(" + ", ".join(literal(value) for value in values) + ")"


def canonical(column: Column, text: str, manifest: Manifest) -> str:
    """SQL that turns a text as the manifest says it is written into the canonical text."""
    if manifest.null_text:
        text = f"case when {text} in {literals(manifest.null_text)} then null else {text} end"
    if column.is_number:
        if manifest.thousands:
            text = f"replace({text}, {literal(manifest.thousands)}, '')"
        if manifest.decimal == ",":
            text = f"translate({text}, ',.', '.,')"
    elif column.data_type == "date":
        if manifest.date_format:
            text = _reformatted(text, manifest.date_format, "%Y-%m-%d")
        is_midnight = f"length({text}) > 10 and substr({text}, 11) in {literals(MIDNIGHTS)}"
        text = f"case when {is_midnight} then left({text}, 10) else {text} end"
    elif column.data_type == "timestamp" and manifest.timestamp_format:
        text = _reformatted(text, manifest.timestamp_format, "%Y-%m-%dT%H:%M:%SZ")
    elif column.data_type == "boolean":
        lowered = f"lower(trim({text}))"
        text = (
            f"case when {text} in ('true', 'false') then {text}"
            f" when {lowered} in {literals(TRUE_TEXTS)} then 'true'"
            f" when {lowered} in {literals(FALSE_TEXTS)} then 'false' else {text} end"
        )
    return text


def _reformatted(text: str, source_format: str, target_format: str) -> str:
    parsed = f"try_strptime({text}, {literal(source_format)})"
    return f"coalesce(strftime({parsed}, {literal(target_format)}), {text})"


def checks(feed: Feed, typed: frozenset[str] = frozenset()) -> list[Check]:
    """All checks of a feed on its canonical text columns.

    ``typed`` names columns that came with the contract's type: they cannot fail to be cast.
    """
    found = []
    for column in feed.columns:
        name = quoted(column.name)
        if not column.nullable:
            # Staging trims, so blanks are no value; few texts sort before "!".
            blank = f"({name} < '!' and trim({name}) = '')"
            broken = f"({name} is null or {blank})"
            found.append(Check(column.name, "expected a value, found none", broken))
        if column.data_type != "varchar" and column.name not in typed:
            expected = EXPECTED.get(column.data_type, f"a number of type {column.data_type}")
            castable = _is_castable(column, name)
            broken = f"({name} is not null and not ({castable}) and trim({name}) <> '')"
            found.append(Check(column.name, f"expected {expected}", broken))
        if column.accepted:
            allowed = literals(column.accepted)
            reason = "expected one of " + ", ".join(column.accepted)
            known = f"{name} in {allowed} or trim({name}) in {literals((*column.accepted, ''))}"
            broken = f"({name} is not null and not ({known}))"
            found.append(Check(column.name, reason, broken))
        if column.greater_than is not None:
            number = f"try_cast({name} as {column.data_type})"
            broken = f"coalesce({number} <= {column.greater_than}, false)"
            reason = f"expected more than {column.greater_than}"
            found.append(Check(column.name, reason, broken))
    found.append(
        Check(
            "_op",
            "expected one of I, U, D",
            "(_op is not null and _op not in ('I', 'U', 'D'))",
        )
    )
    return found


def _is_castable(column: Column, name: str) -> str:
    if column.data_type == "bigint":
        return (
            f"try_cast({name} as bigint) is not null"
            f" and regexp_full_match({name}, '\\s*[+-]?[0-9]+([.]0*)?\\s*')"
        )
    if column.data_type == "date":
        return f"coalesce(cast(try_cast({name} as date) as varchar) = trim({name}), false)"
    if column.data_type == "timestamp":
        is_iso = f"{name} like '____-__-__%' and not contains({name}, '/')"
        return f"try_cast({name} as timestamptz) is not null and {is_iso}"
    if column.data_type == "boolean":
        return f"{name} in ('true', 'false')"
    return f"try_cast({name} as {column.data_type}) is not null and not contains({name}, '_')"


def any_broken(feed: Feed, typed: frozenset[str] = frozenset()) -> str:
    """SQL that is true for a row which breaks any check."""
    return " or ".join(check.is_broken for check in checks(feed, typed))
