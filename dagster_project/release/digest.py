"""What a table contains, as one sha256 that does not depend on the order of its rows.

Each row becomes DuckDB's binary sort key (exact for every type: decimals, null against empty
text, doubles by their bits), the row is hashed with md5, and the hashes are summed. A sum
forgets the order but not a row that is missing, changed or there twice. The sum is then put
into a sha256 together with the row count and the schema. One parallel pass, no sort: 1.5 M
rows of 40 columns take 0.6 s on two cores, where the same over text took 3.2 s.

The result is the same on DuckDB 1.3, 1.5 and 2.0 (a test pins it). Add nothing here that
depends on the clock, on physical order or on how the table was built.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

_LOW_64_BITS = 2**64 - 1


@dataclass(frozen=True)
class TableDigest:
    """Content of one table: how many rows, which rows, which columns."""

    rows: int
    sha256: str
    schema_hash: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def quoted(*names: str) -> str:
    """Return a dotted SQL identifier with every part quoted."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def table_digest(connection: Any, relation: str) -> TableDigest:
    """Digest one relation.

    Args:
        connection: An open DuckDB connection.
        relation: Table name as SQL; quote it with ``quoted`` where it is not a constant.
    """
    columns = [row[:2] for row in connection.execute(f"describe {relation}").fetchall()]
    names = [name for name, _ in columns]
    schema_hash = _sha256(f"{name} {kind}" for name, kind in columns)
    # The empty text keeps the key a BLOB: of short numbers alone DuckDB makes a BIGINT.
    sort_key = ", ".join(f"{key}, 'ASC NULLS FIRST'" for key in ["''", *map(quoted, names)])
    rows, high, low = connection.execute(
        f"""
        with hashed as (select md5_number(create_sort_key({sort_key})) as h from {relation})
        select
            count(*),
            coalesce(sum(cast(h >> 64 as hugeint)), 0),
            coalesce(sum(cast(h & {_LOW_64_BITS}::uhugeint as hugeint)), 0)
        from hashed
        """
    ).fetchone()
    return TableDigest(rows, _sha256([str(rows), str(high), str(low), schema_hash]), schema_hash)


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
        table: table_digest(connection, quoted(schema, table))
        for table in schema_tables(connection, schema)
    }


def _sha256(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
