"""Run the simulator's SQL: the same scripts for every size, month by month where it is big."""

from collections.abc import Iterator
from datetime import datetime
from importlib.resources import files
from typing import Any

import duckdb

from dagster_project.simulator.feeds import FeedSpec
from dagster_project.simulator.sizes import END_AT, Size, Windows

SQL = files("dagster_project.simulator") / "sql"
SETTING_UP = (
    "00_macros",
    "10_calendar",
    "20_customers",
    "21_faces",
    "30_products",
    "31_activities",
    "32_supply",
)
CHUNK = (
    "40_orders",
    "41_lines",
    "42_revisions",
    "43_shipments",
    "44_invoices",
    "45_returns",
    "46_ledger",
    "46_commission",
    "46_work",
    "47_tracking",
    "48_supply",
    "48_parcels",
    "48_served",
    "49_freight_ledger",
)
CLOSING = ("50_loads", "49_freight_ledger", "60_closing", "61_supply", "62_surveys")


class Company:
    """One simulated company inside one DuckDB connection."""

    def __init__(self, con: duckdb.DuckDBPyConnection, size: Size, seed: int, tail: int) -> None:
        self._con = con
        self.size = size
        self.windows = Windows(size, tail)
        start = size.start_at
        self._set(
            seed=seed,
            customers=size.customers,
            months=size.months,
            products=size.products,
            orders_per_month=size.orders_per_month,
            lines_per_order=size.lines_per_order,
            load_slots=size.load_slots,
            dc_count=size.dc_count,
            start_at=start,
            end_at=END_AT,
            cut=self.windows.cut_at,
            base_windows=size.base_windows,
            window_months=size.window_months,
            start_ym=start.year * 12 + start.month - 1,
            tail_days=tail,
        )

    def _set(self, **values: object) -> None:
        for name, value in values.items():
            literal = f"timestamp '{value}'" if isinstance(value, datetime) else str(value)
            self._con.execute(f"set variable {name} = {literal}")

    def _run(self, scripts: tuple[str, ...]) -> None:
        for script in scripts:
            self._con.execute((SQL / f"{script}.sql").read_text(encoding="utf-8"))

    def set_up(self) -> None:
        """Make everything that does not depend on the month."""
        self._run(SETTING_UP)

    def chunks(self) -> Iterator[None]:
        """Make the documents of one chunk of months after the other."""
        for first in range(0, self.size.months, self.size.chunk_months):
            self._set(month_from=first, month_to=first + self.size.chunk_months)
            self._run(CHUNK)
            yield

    def close(self) -> None:
        """Close the books."""
        self._run(CLOSING)

    def query(self, spec: FeedSpec) -> str:
        """Return the query whose rows are the feed."""
        return (SQL / "feeds" / spec.system / f"{spec.name}.sql").read_text(encoding="utf-8")

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query over the company so far."""
        return self._con.execute(query).fetchall()
