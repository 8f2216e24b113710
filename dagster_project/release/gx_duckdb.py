"""Great Expectations on DuckDB: the one module that knows how the two are joined.

GX reaches DuckDB through SQLAlchemy. It does not know the dialect, so it closes the connection
before it reads the rows and every fetching expectation fails with ``IndexError``. Naming
``duckdb`` among the dialects that keep their connection mends that. Regular expressions stay
unsupported: write an ``UnexpectedRowsExpectation`` with ``regexp_matches``. When GX brings a
DuckDB engine of its own, replace this module and keep its test.

Importing GX takes seconds: it happens on first use, or earlier through ``gx_import.preload``.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dagster_project.release.gx_import import great_expectations


class DuckDbSession:
    """One read-only GX session on one DuckDB file. Close it, or the file stays locked."""

    def __init__(self, path: Path, memory_limit: str = "3GB", threads: int = 2) -> None:
        self._gx = great_expectations()
        self._context = self._gx.get_context(
            mode="ephemeral", project_config=_nothing_kept(self._gx)
        )
        # Nothing reads the configuration again, and writing it as YAML costs more than the SQL.
        self._context.variables.save = lambda: None
        options = {"memory_limit": memory_limit, "threads": threads}
        self._source = self._context.data_sources.add_sql(
            "work_file",
            connection_string=f"duckdb:///{path}",
            kwargs={"connect_args": {"read_only": True, "config": options}},
        )
        self._batches: dict[str, Any] = {}
        for engine in (self._source.get_engine(), self._source.get_execution_engine().engine):
            _describe_quickly(engine.dialect)

    def validate(self, table: str, expectations: Sequence[Any]) -> list[dict[str, Any]]:
        """Run expectations on one table, pushed down.

        Args:
            table: ``schema.table``.
            expectations: GX expectations, each with a ``meta["name"]`` unique in the list.

        Returns:
            One dictionary per verdict: ``name``, ``success``, ``result`` and ``error`` (text
            or null). GX answers in an order of its own; join by name.
        """
        suite = self._gx.ExpectationSuite(name=table, expectations=list(expectations))
        verdicts = self._batch(table).validate(suite, result_format="SUMMARY")
        return [_plain(verdict) for verdict in verdicts.results]

    def _batch(self, table: str) -> Any:
        """Return the whole table as a batch, the same for every suite about it."""
        if table not in self._batches:
            schema, name = table.split(".")
            asset = self._source.add_table_asset(table, table_name=name, schema_name=schema)
            self._batches[table] = asset.get_batch(asset.build_batch_request())
        return self._batches[table]

    def rows(self, query: str, table: str, limit: int) -> list[dict[str, Any]]:
        """Return the first rows that an ``UnexpectedRowsExpectation`` finds."""
        sql = f"select * from ({query.replace('{batch}', table)}) as unexpected limit {limit}"
        with self._source.get_execution_engine().get_connection() as connection:
            return [dict(row) for row in connection.exec_driver_sql(sql).mappings()]

    def close(self) -> None:
        """Release the file: GX keeps one engine for reflection and one for execution."""
        engines = [self._source.get_engine()]
        execution = getattr(self._source, "_execution_engine", None)
        if execution is not None:
            execution.close()
            engines.append(execution.engine)
        for engine in engines:
            engine.dispose()
            # SQLAlchemy's reflection keeps the dialect, and with it DuckDB's types, for ever.
            engine.dialect._type_memos.clear()

    def __enter__(self) -> "DuckDbSession":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _describe_quickly(dialect: Any) -> None:
    """Let DuckDB describe a table, which has no keys.

    The dialect is PostgreSQL's, whose catalogue DuckDB imitates by views over all that it holds: a
    third of the time of all suites. A type without a counterpart is null to SQLAlchemy.
    """
    from sqlalchemy import types

    known = {
        "BIGINT": types.BigInteger,
        "BOOLEAN": types.Boolean,
        "DATE": types.Date,
        "DECIMAL": types.Numeric,
        "DOUBLE": types.Double,
        "INTEGER": types.Integer,
        "TIMESTAMP": types.DateTime,
        "VARCHAR": types.String,
    }

    def columns(connection: Any, table_name: str, schema: str, **_: Any) -> list[dict[str, Any]]:
        rows = connection.exec_driver_sql(f'describe "{schema}"."{table_name}"').all()
        return [
            {"name": name, "type": known.get(kind.split("(")[0], types.NullType)()}
            for name, kind, *_ in rows
        ]

    dialect.get_columns = columns
    dialect.get_pk_constraint = lambda *_, **__: {"constrained_columns": [], "name": None}


def _nothing_kept(gx: Any) -> Any:
    """Configure a context in memory: no documents, no progress bars, nothing sent."""
    base = gx.data_context.types.base
    return base.DataContextConfig(
        store_backend_defaults=base.InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars=base.ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )


def _plain(verdict: Any) -> dict[str, Any]:
    config = verdict.expectation_config
    return {
        "name": (config.meta or {}).get("name"),
        "success": bool(verdict.success),
        "result": dict(verdict.result),
        "error": _error(verdict.exception_info or {}),
    }


def _error(info: dict[str, Any]) -> str | None:
    """Find the message in GX's exception info, which is flat or keyed by metric."""
    entries = [info] if "raised_exception" in info else list(info.values())
    messages = [e.get("exception_message") for e in entries if isinstance(e, dict)]
    return next((str(m) for m in messages if m), None)
