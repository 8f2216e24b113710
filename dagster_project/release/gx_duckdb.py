"""Great Expectations on DuckDB: the one module that knows how the two are joined.

GX reaches DuckDB through SQLAlchemy. It does not know the dialect, so it closes the connection
before it reads the rows and every fetching expectation fails with ``IndexError``. Naming
``duckdb`` among the dialects that keep their connection mends that. Regular expressions stay
unsupported: write an ``UnexpectedRowsExpectation`` with ``regexp_matches``. When GX brings a
DuckDB engine of its own, replace this module and keep its test.

Importing GX takes three to fifteen seconds: it happens on first use, or earlier in a thread
through ``preload``.
"""

import atexit
import logging
import os
import sys
import threading
import warnings
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any


class _DuckDbDialect(str):
    """Looks like a member of GX's dialect enumeration."""

    value = "duckdb"


def preload() -> threading.Thread:
    """Start importing GX in the background, while a build is still running."""
    thread = threading.Thread(target=great_expectations, name="import-great-expectations")
    thread.start()
    return thread


@cache
def great_expectations() -> Any:
    """Import GX once, quiet and mended, and return it."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    # GX imports pyspark where it is installed; its advice about pandas is not about us.
    warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")
    import great_expectations as gx
    from great_expectations.execution_engine import sqlalchemy_execution_engine as engine

    # This module asks for INFO itself; that GX made a folder is no news.
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)

    known: Any = engine._PERSISTED_CONNECTION_DIALECTS
    engine._PERSISTED_CONNECTION_DIALECTS = (*known, _DuckDbDialect("duckdb"))
    atexit.register(_forget_duckdb_types)
    return gx


def _forget_duckdb_types() -> None:
    """Keep the end of a process quiet.

    GX's models outlive the interpreter and through SQLAlchemy's types they hold on to duckdb,
    whose binding then prints forty lines about leaked functions.
    """
    for name in list(sys.modules):
        if name.startswith("duckdb_engine"):
            vars(sys.modules[name]).clear()


class DuckDbSession:
    """One read-only GX session on one DuckDB file. Close it, or the file stays locked."""

    def __init__(self, path: Path, memory_limit: str = "3GB", threads: int = 2) -> None:
        self._gx = great_expectations()
        self._context = self._gx.get_context(mode="ephemeral")
        progress_bars = self._gx.data_context.types.base.ProgressBarsConfig(globally=False)
        self._context.variables.progress_bars = progress_bars
        config = {"memory_limit": memory_limit, "threads": threads}
        self._source = self._context.data_sources.add_sql(
            "work_file",
            connection_string=f"duckdb:///{path}",
            kwargs={"connect_args": {"read_only": True, "config": config}},
        )

    def validate(self, table: str, expectations: Sequence[Any]) -> list[dict[str, Any]]:
        """Run expectations on one table, pushed down.

        Args:
            table: ``schema.table``.
            expectations: GX expectations, each with a ``meta["name"]`` unique in the list.

        Returns:
            One dictionary per verdict: ``name``, ``success``, ``result`` and ``error`` (text
            or null). GX answers in an order of its own; join by name.
        """
        schema, name = table.split(".")
        asset = self._source.add_table_asset(table, table_name=name, schema_name=schema)
        batch = asset.add_batch_definition_whole_table("whole").get_batch()
        suite = self._gx.ExpectationSuite(name=table, expectations=list(expectations))
        try:
            verdicts = batch.validate(suite, result_format="SUMMARY")
        finally:
            self._source.delete_asset(table)
        return [_plain(verdict) for verdict in verdicts.results]

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
