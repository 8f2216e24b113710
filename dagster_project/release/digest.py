"""What a table contains, as one sha256 that does not depend on the order of its rows.

Each row is hashed twice to 64 bits by DuckDB's own hash (decimals and timestamps by their value,
null apart from empty text), once with its columns forwards, once backwards, and both are summed.
A sum forgets the order but not a row that is missing, changed or there twice. The sums are then
put into a sha256 together with the row count and the schema. One parallel pass, no sort.

Sums can be added, so a large table is digested month by month in the same pass (see
``partitions``); its own digest is the same as without months. Where the sums of an earlier state
are known, and in which months rows came or went since, only those months are read.

The digest finds accidents, not forgery: whoever can write the work file can also write the
receipt. Cryptographic hashes of the rows took ten times as long and would not change that.
The result is the same on DuckDB 1.3, 1.5 and 2.0 (a test pins it). Add nothing here that
depends on the clock, on physical order or on how the table was built.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from dagster_project.release.partitions import (
    in_months,
    month_name,
    month_of,
    partition_column,
    quoted,
)

__all__ = [
    "Before",
    "TableDigest",
    "quoted",
    "row_hashes",
    "schema_digests",
    "schema_tables",
    "table_digest",
]


Sums = tuple[int, int, int]
"""Rows, and both sums of their hashes."""


@dataclass(frozen=True)
class TableDigest:
    """Content of one table: how many rows, which rows, which columns."""

    rows: int
    sha256: str
    schema_hash: str
    partition_by: str | None = None
    """The column whose months are the partitions; None for a table that is one piece."""
    partitions: dict[str, str] | None = None
    """Per month the number of rows and both sums of their hashes, ``rows-high-low`` in hex."""

    def as_dict(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class Before:
    """An earlier state of a table, and the months in which rows came or went since."""

    entry: dict[str, Any]
    """Its digest, as in a receipt."""
    months: frozenset[str]


def table_digest(
    connection: Any, relation: str, table: str = "", before: Before | None = None
) -> TableDigest:
    """Digest one relation.

    Args:
        connection: An open DuckDB connection.
        relation: Table name as SQL; quote it with ``quoted`` where it is not a constant.
        table: Plain name of the table; tells whether it has partitions.
        before: What saves reading all of it; not used where columns or rows do not fit.
    """
    columns = [row[:2] for row in connection.execute(f"describe {relation}").fetchall()]
    names = [name for name, _ in columns]
    schema_hash = _sha256(f"{name} {kind}" for name, kind in columns)
    (rows,) = connection.execute(f"select count(*) from {relation}").fetchone()
    column = partition_column(table, names, rows)
    sums = None
    if before and column and _is_comparable(before.entry, column, schema_hash):
        known = _known_sums(before)
        sums = known | _sums_by_month(connection, relation, names, column, before.months)
    if sums is None or sum(part[0] for part in sums.values()) != rows:
        sums = _sums_by_month(connection, relation, names, column)
    high, low = (sum(part[i] for part in sums.values()) for i in (1, 2))
    return TableDigest(
        rows,
        _sha256([str(rows), str(high), str(low), schema_hash]),
        schema_hash,
        column,
        {month: f"{part[0]}-{part[1]:x}-{part[2]:x}" for month, part in sorted(sums.items())}
        if column
        else None,
    )


def _is_comparable(entry: dict[str, Any], column: str, schema_hash: str) -> bool:
    return (entry.get("partition_by"), entry.get("schema_hash")) == (column, schema_hash)


def _known_sums(before: Before) -> dict[str, Sums]:
    """The sums of the months in which nothing changed."""
    found = {}
    for month, text in before.entry["partitions"].items():
        if month not in before.months:
            rows, high, low = text.split("-")
            found[month] = (int(rows), int(high, 16), int(low, 16))
    return found


def _sums_by_month(
    connection: Any,
    relation: str,
    names: list[str],
    column: str | None,
    months: Iterable[str] | None = None,
) -> dict[str, Sums]:
    """Return rows and both sums of hashes per month; without a column there is one month."""
    high, low = row_hashes(names)
    wanted = in_months(column, months) if column and months is not None else "true"
    found = connection.execute(
        f"""
        with hashed as (
            select
                {month_of(column) if column else "null"} as month,
                {high} as high,
                {low} as low
            from {relation}
            where {wanted}
        )
        select month, count(*), sum(cast(high as hugeint)), sum(cast(low as hugeint))
        from hashed
        group by month
        """
    )
    return {month_name(row[0]): row[1:] for row in found.fetchall()}


def row_hashes(columns: Iterable[str]) -> tuple[str, str]:
    """Return SQL for two hashes of a row; two rows with the same pair are taken for equal."""
    names = [quoted(name) for name in columns]
    return f"hash({', '.join(names)})", f"hash({', '.join(['7', *reversed(names)])})"


def schema_tables(connection: Any, schema: str) -> list[str]:
    """Return the base tables of a schema, sorted; views have no content of their own."""
    found = connection.execute(
        "select table_name from information_schema.tables"
        " where table_catalog = current_database() and table_schema = ?"
        " and table_type = 'BASE TABLE' order by 1",
        [schema],
    )
    return [row[0] for row in found.fetchall()]


def schema_digests(connection: Any, schema: str) -> dict[str, TableDigest]:
    """Digest every table of a schema."""
    return {
        table: table_digest(connection, quoted(schema, table), table)
        for table in schema_tables(connection, schema)
    }


def _sha256(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
