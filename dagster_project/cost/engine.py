"""The steps of the cost analyses: SQL on tables in memory, the same on every warehouse.

A step reads what the steps before it left; ``run`` says which tables come in and go out. Sums are
made of decimals, so that the order of rows never shows.
"""

from collections.abc import Callable, Iterable, Mapping
from importlib.resources import files
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import duckdb
import pyarrow as pa

SQL = files("dagster_project.cost") / "sql"
THREADS = 2
MEMORY_LIMIT = "3GB"
"""What does not fit waits in a folder for temporary files."""

Rows: TypeAlias = "pa.Table | Callable[[], pa.RecordBatchReader]"
"""A table, or what opens one that is read piece by piece."""

EVERY_STEP = (
    "10_periods",
    "20_activities",
    "25_assignment",
    "30_segment_pnl",
    "40_bridge_cells",
    "45_quarter",
    "50_bridge",
    "60_sustainability",
    "70_scenario",
)


UNSAFE_OPTIMIZERS = "deliminator,statistics_propagation"
"""With them DuckDB 2.0.0 sometimes ends a join in an internal error (dict-surviving join)."""


def solve(
    tables: Mapping[str, Rows],
    outputs: Iterable[str],
    steps: Iterable[str] = EVERY_STEP,
    parameters: Mapping[str, Any] | None = None,
) -> dict[str, pa.Table]:
    """Run steps on tables and return what they made.

    Args:
        tables: Input by the name that the steps call it.
        outputs: Names of the tables to return.
        steps: Names of the scripts, in order.
        parameters: Values of ``$name`` in the scripts.

    Returns:
        A table per output.
    """
    with TemporaryDirectory(prefix="tierline-cost-") as folder, duckdb.connect() as con:
        con.execute(f"set threads = {THREADS}")
        con.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
        con.execute(f"set temp_directory = '{folder}'")
        con.execute("set timezone = 'UTC'")
        con.execute(f"set disabled_optimizers = '{UNSAFE_OPTIMIZERS}'")
        for name, rows in tables.items():
            _take(con, name, rows)
        for step in steps:
            text = (SQL / f"{step}.sql").read_text(encoding="utf-8")
            for statement in con.extract_statements(text):
                used = {
                    name: value
                    for name, value in (parameters or {}).items()
                    if name in statement.named_parameters
                }
                con.execute(statement, used or None)
        return {name: con.table(name).to_arrow_table() for name in outputs}


def _take(con: Any, name: str, rows: Rows) -> None:
    if isinstance(rows, pa.Table):
        con.register(name, rows)
        return
    with rows() as reader:
        con.register("arriving", reader)
        con.execute(f"create table {name} as select * from arriving")
        con.unregister("arriving")
