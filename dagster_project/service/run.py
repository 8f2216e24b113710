"""Runs the analyses of service on the warehouse: the replay of the stock, the bottlenecks.

Both speak of closed months and are made again only when those changed. Add an analysis by adding
its module, its inputs and its output here, and the models that read it.
"""

import time
from typing import Any

from dagster_project.analytics.inputs import closed_month
from dagster_project.analytics.tables import Tables
from dagster_project.service import run_bottleneck, run_split

INPUTS = (*run_split.INPUTS, *run_bottleneck.INPUTS)
"""dbt models and seeds that must stand before."""

OUTPUTS = (run_split.OUTPUT, run_bottleneck.OUTPUT)
"""Tables of schema ``analytics`` that are written."""


def run_service(tables: Tables, as_of: str) -> dict[str, Any]:
    """Replay the stock of closed months and rank the stages of the orders.

    Args:
        tables: The warehouse.
        as_of: Last day that the data cover, ``YYYY-MM-DD``.

    Returns:
        Rows by output and seconds.

    Raises:
        UsageError: A policy seed is not usable.
    """
    started = time.perf_counter()
    last = closed_month(as_of)
    summary: dict[str, Any] = {}
    for name, table in (
        (run_split.OUTPUT, run_split.split_table(tables, last)),
        (run_bottleneck.OUTPUT, run_bottleneck.bottleneck_table(tables, last)),
    ):
        tables.write(f"analytics.{name}", table)
        summary[name] = table.num_rows
    return summary | {"seconds": round(time.perf_counter() - started, 3)}
