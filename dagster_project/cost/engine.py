"""The steps of the cost analyses: SQL on tables in memory, the same on every warehouse.

A step reads what the steps before it left; ``run`` says which tables come in and go out. Sums are
made of decimals, so that the order of rows never shows.
"""

from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

import duckdb
import pyarrow as pa

SQL = files("dagster_project.cost") / "sql"
THREADS = 2

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
    tables: Mapping[str, pa.Table],
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
    con = duckdb.connect()
    try:
        con.execute(f"set threads = {THREADS}")
        con.execute("set timezone = 'UTC'")
        con.execute(f"set disabled_optimizers = '{UNSAFE_OPTIMIZERS}'")
        for name, table in tables.items():
            con.register(name, table)
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
    finally:
        con.close()
