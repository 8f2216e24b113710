"""The one way in which analytics read and write warehouse tables.

Analytics know relations by ``schema.name`` and exchange Arrow tables; which engine holds them is
the caller's choice. Add an engine by adding a class with the same two methods. Nothing here knows
what is in a table.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

Until = Mapping[str, date | datetime]
"""Last value of a column that still counts; a null counts too."""

BATCH_ROWS = 100_000


class Tables(Protocol):
    """Read and replace whole tables of one warehouse."""

    def read(
        self, relation: str, columns: Sequence[str] | None = None, present: str | None = None
    ) -> pa.Table:
        """Return the columns of a relation; all of them when none are named.

        ``present``: only rows that have a value in this column.
        """
        ...

    def batches(
        self,
        relation: str,
        columns: Sequence[str],
        until: Until | None = None,
        present: str | None = None,
    ) -> pa.RecordBatchReader:
        """Return the columns of a relation piece by piece, for what may not fit into memory.

        Nothing else may be asked before the last piece has been read.
        """
        ...

    def write(self, relation: str, table: pa.Table) -> None:
        """Replace a relation by a table, creating its schema when it is not there."""
        ...

    def has(self, relation: str) -> bool:
        """Tell whether a relation is there."""
        ...

    def digest(
        self,
        relation: str,
        columns: Sequence[str],
        until: Until | None = None,
        present: str | None = None,
    ) -> str:
        """Return a mark of the rows up to a bound that their order does not change.

        The same rows have the same mark on one engine; engines differ. ``present`` as in ``read``.
        """
        ...


class MemoryTables:
    """Tables in a dictionary, for tests and dry runs."""

    def __init__(self, tables: dict[str, pa.Table] | None = None) -> None:
        self.tables = dict(tables or {})

    def read(
        self, relation: str, columns: Sequence[str] | None = None, present: str | None = None
    ) -> pa.Table:
        table = self.tables[relation]
        if present:
            table = table.filter(pc.is_valid(table[present]))
        return table.select(list(columns)) if columns else table

    def batches(
        self,
        relation: str,
        columns: Sequence[str],
        until: Until | None = None,
        present: str | None = None,
    ) -> pa.RecordBatchReader:
        return self._until(relation, until, present).select(list(columns)).to_reader()

    def write(self, relation: str, table: pa.Table) -> None:
        self.tables[relation] = table

    def has(self, relation: str) -> bool:
        return relation in self.tables

    def digest(
        self,
        relation: str,
        columns: Sequence[str],
        until: Until | None = None,
        present: str | None = None,
    ) -> str:
        table = self._until(relation, until, present)
        rows = zip(*(table[name].to_pylist() for name in columns), strict=True)
        return hashlib.sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()

    def _until(self, relation: str, until: Until | None, present: str | None) -> pa.Table:
        table = self.read(relation, present=present)
        for column, last in (until or {}).items():
            kept = pc.less_equal(table[column], pa.scalar(last, table[column].type))
            table = table.filter(pc.fill_null(kept, True))
        return table


class DuckDBTables:
    """Tables of an open DuckDB connection; what is written again as it was is left alone."""

    def __init__(self, con: Any) -> None:
        self._con = con
        self.changed: set[str] = set()
        """Relations that a write has changed."""

    def read(
        self, relation: str, columns: Sequence[str] | None = None, present: str | None = None
    ) -> pa.Table:
        query = f"select {', '.join(columns or ['*'])} from {relation}"
        query += f" where {present} is not null" if present else ""
        return self._con.sql(query).to_arrow_table()

    def batches(
        self,
        relation: str,
        columns: Sequence[str],
        until: Until | None = None,
        present: str | None = None,
    ) -> pa.RecordBatchReader:
        where, bounds = _condition(until, present)
        query = f"select {', '.join(columns)} from {relation} where {where}"
        return self._con.sql(query, params=bounds).to_arrow_reader(BATCH_ROWS)

    def write(self, relation: str, table: pa.Table) -> None:
        schema = relation.split(".")[0]
        self._con.execute(f"create schema if not exists {schema}")
        self._con.register("tierline_new_rows", table)
        try:
            if not self._stands(relation, "tierline_new_rows"):
                self._con.execute(
                    f"create or replace table {relation} as select * from tierline_new_rows"
                )
                self.changed.add(relation)
        finally:
            self._con.unregister("tierline_new_rows")

    def _stands(self, relation: str, rows: str) -> bool:
        """Tell whether a relation has these columns and these rows, in whatever order."""
        if not self.has(relation):
            return False
        ask = self._con.execute
        if ask(f"describe {relation}").fetchall() != ask(f"describe {rows}").fetchall():
            return False
        counted = f"select (select count(*) from {relation}) = (select count(*) from {rows})"
        more = f"from {rows} except all from {relation}"
        return bool(
            ask(counted).fetchone()[0] and ask(f"select 1 from ({more}) limit 1").fetchone() is None
        )

    def has(self, relation: str) -> bool:
        import duckdb

        try:  # looking through all tables takes a hundred times as long
            self._con.execute(f"select 1 from {relation} limit 0")
        except duckdb.CatalogException:
            return False
        return True

    def digest(
        self,
        relation: str,
        columns: Sequence[str],
        until: Until | None = None,
        present: str | None = None,
    ) -> str:
        where, bounds = _condition(until, present)
        found = self._con.execute(
            "select count(*), bit_xor(mark), sum(cast(mark as hugeint)) from"
            f" (select hash({', '.join(columns)}) as mark from {relation} where {where})",
            bounds,
        )
        return repr(found.fetchall())


def _condition(until: Until | None, present: str | None) -> tuple[str, list[date | datetime]]:
    bounds = dict(until or {})
    kept = [f"({column} <= ? or {column} is null)" for column in bounds]
    kept += [f"{present} is not null"] if present else []
    return " and ".join(kept) or "true", list(bounds.values())


class SparkTables:
    """Parquet tables of a Spark session whose time zone is UTC."""

    def __init__(self, spark: Any) -> None:
        self._spark = spark

    def read(
        self, relation: str, columns: Sequence[str] | None = None, present: str | None = None
    ) -> pa.Table:
        frame = self._frame(relation, None, present)
        return (frame.select(*columns) if columns else frame).toArrow()

    def batches(
        self,
        relation: str,
        columns: Sequence[str],
        until: Until | None = None,
        present: str | None = None,
    ) -> pa.RecordBatchReader:
        return self._frame(relation, until, present).select(*columns).toArrow().to_reader()

    def write(self, relation: str, table: pa.Table) -> None:
        schema = relation.split(".")[0]
        self._spark.sql(f"create schema if not exists {schema}")
        # Spark takes a table whose first chunk is empty for an empty table.
        frame = self._spark.createDataFrame(table.combine_chunks())
        for field in table.schema:
            # A naive Arrow timestamp arrives as timestamp_ntz; the models use timestamp.
            if pa.types.is_timestamp(field.type):
                frame = frame.withColumn(field.name, frame[field.name].cast("timestamp"))
        frame.write.mode("overwrite").format("parquet").saveAsTable(relation)

    def has(self, relation: str) -> bool:
        return bool(self._spark.catalog.tableExists(relation))

    def digest(
        self,
        relation: str,
        columns: Sequence[str],
        until: Until | None = None,
        present: str | None = None,
    ) -> str:
        marks = self._frame(relation, until, present).selectExpr(
            f"xxhash64({', '.join(columns)}) as mark"
        )
        total = "sum(cast(mark as decimal(38, 0)))"
        return repr(marks.selectExpr("count(*)", "bit_xor(mark)", total).collect()[0])

    def _frame(self, relation: str, until: Until | None, present: str | None) -> Any:
        from pyspark.sql import functions

        frame = self._spark.table(relation)
        if present:
            frame = frame.where(frame[present].isNotNull())
        for column, last in (until or {}).items():
            frame = frame.where((frame[column] <= functions.lit(last)) | frame[column].isNull())
        return frame
