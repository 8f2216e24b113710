"""Runs the cost analyses on the warehouse: closed facts in, segment costs and their bridge out.

The only module of the package that names tables of the warehouse. Periods that still run have no
cost yet, so an ordinary day finds its inputs as they were and leaves the tables alone. Add an input
by adding it to ``READS_OF`` and a table to ``OUTPUTS`` and ``_analytics__tables.yml``.
"""

import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from dagster_project.analytics.inputs import fingerprint
from dagster_project.analytics.tables import Tables, Until
from dagster_project.cost import engine
from dagster_project.cost.capacity import PRACTICAL_SHARE

SCHEME = "service"
"""The scheme whose segments the facts carry."""

ORDER_DRIVERS = (
    "order",
    "manual_order",
    "edi_order",
    "rush_order",
    "order_line",
    "manual_order_line",
    "order_change",
    "shipment",
    "shipment_line",
    "hazmat_line",
)
DRIVERS = (
    *ORDER_DRIVERS,
    "invoice",
    "return_line",
    "case",
    "case_minute",
    "visit",
    "visit_minute",
)
"""What activities are counted by, as the macro ``cost_drivers`` says."""

READS_OF: dict[str, tuple[str, tuple[str, ...], str | None]] = {
    "invoice_line": (
        "intermediate.int_invoice__line",
        (
            "company_code",
            "fiscal_period_id",
            "entity_id",
            "product_id",
            "currency",
            "local_currency",
            "gl_account",
            "invoiced_base_qty",
            "net_amount",
            "rebate_amount",
            "gross_amount_group",
            "discount_amount_group",
            "rebate_amount_group",
            "net_amount_group",
            "cogs_amount_group",
            "net_amount_local",
            "discount_amount_local",
            "rebate_amount_local",
            "cogs_amount_local",
            "is_late_for_closed_period",
        ),
        "posting_date",
    ),
    "volume": (
        "intermediate.int_cost__volume",
        ("cost_date", "entity_id", *(f"{name}_qty" for name in DRIVERS)),
        "cost_date",
    ),
    "order_volume": (
        "intermediate.int_cost__order_volume",
        ("order_id", "cost_date", "entity_id", *(f"{name}_qty" for name in ORDER_DRIVERS)),
        "cost_date",
    ),
    "cost_rate": (
        "intermediate.int_cost__rate",
        (
            "fiscal_period_id",
            "pool_id",
            "cost_level",
            "cost_centre",
            "currency",
            "amount",
            "amount_group",
            "theoretical_minutes",
            "practical_minutes",
            "null_reason",
            "minute_rate_group",
            "activity_id",
            "activity_name",
            "activity_driver",
            "driver",
            "standard_minutes",
        ),
        None,
    ),
    "freight": (
        "intermediate.int_cost__freight",
        (
            "freight_kind",
            "entity_id",
            "company_code",
            "fiscal_period_id",
            "amount_local",
            "amount_group",
        ),
        "freight_date",
    ),
    "sample_line": (
        "intermediate.int_profit__sample_line",
        ("entity_id", "shipped_date", "cost_amount_group"),
        "shipped_date",
    ),
    "activity_cost": (
        "intermediate.int_profit__activity_cost",
        (
            "entity_id",
            "fiscal_period_id",
            "earned_date",
            "activity_code",
            "cost_kind",
            "amount_group",
        ),
        "earned_date",
    ),
    "budget": (
        "intermediate.int_cost__budget",
        ("fiscal_period_id", "segment_code", "product_family", "amount_group", "cogs_amount_group"),
        None,
    ),
    "product": ("intermediate.int_product__article", ("product_id", "product_family"), None),
    "assignment": (
        "intermediate.int_segment__assignment",
        ("scheme_id", "entity_id", "segment_key", "valid_from", "valid_to", "is_latest_belief"),
        "valid_from",
    ),
    "calendar": (
        "intermediate.int_calendar__fiscal_period",
        (
            "calendar_id",
            "fiscal_period_id",
            "fiscal_year",
            "quarter_no",
            "start_date",
            "end_date",
        ),
        None,
    ),
    "company": ("intermediate.int_calendar__company", ("company_code", "calendar_id"), None),
    "freight_account": ("staging.stg_finance__gl_account_map", ("account", "statement_line"), None),
    "segment": ("policy.segment", ("scheme_id", "segment_code", "kind", "tier_rank"), None),
    "scenario": (
        "policy.cost_scenario",
        ("scenario_id", "segment_code", "driver", "factor", "description"),
        None,
    ),
}
"""Relation, columns and the date by which a row counts, by the name that the steps call it."""

INPUTS = tuple(relation.split(".")[1] for relation, _, _ in READS_OF.values())
"""dbt models and seeds that must stand before."""

OUTPUTS = (
    "cts_segment",
    "cts_assignment",
    "capacity_usage",
    "segment_pnl",
    "segment_pnl_quarter",
    "segment_pnl_bridge",
    "tier_sustainability",
    "cts_scenario",
    "cost_input_mark",
)
"""Tables of schema ``analytics`` that are written, or kept where nothing changed."""

MARK = "analytics.cost_input_mark"


def run_cost(tables: Tables, as_of: str) -> dict[str, Any]:
    """Work out costs and profit of the segments for the periods that are over.

    Args:
        tables: The warehouse.
        as_of: Last day that the data cover, ``YYYY-MM-DD``.

    Returns:
        Rows of the tables, or that they were kept, and seconds.
    """
    started = time.perf_counter()
    through = last_period_end(tables, as_of)
    mark = _mark(tables, through)
    there = all(tables.has(f"analytics.{name}") for name in OUTPUTS)
    if there and tables.read(MARK)["input_mark"].to_pylist() == [mark]:
        return {"kept": True, "seconds": round(time.perf_counter() - started, 3)}
    made = engine.solve(
        {name: _opener(tables, name, through) for name in READS_OF},
        OUTPUTS[:-1],
        parameters={
            "through": through,
            "scheme": SCHEME,
            "low": PRACTICAL_SHARE[0],
            "high": PRACTICAL_SHARE[1],
        },
    )
    for name, table in made.items():
        tables.write(f"analytics.{name}", table)
    tables.write(MARK, pa.table({"input_mark": [mark]}))
    summary = {name: table.num_rows for name, table in made.items()}
    return summary | {"through": str(through), "seconds": round(time.perf_counter() - started, 3)}


def last_period_end(tables: Tables, as_of: str) -> date:
    """Return the day after the last fiscal period that is over on the logical date.

    Args:
        tables: A warehouse with ``int_calendar__fiscal_period``.
        as_of: Last day that the data cover, ``YYYY-MM-DD``.

    Returns:
        The largest end of a period that has passed; the smallest date where there is none.
    """
    ends = tables.read("intermediate.int_calendar__fiscal_period", ["end_date"])["end_date"]
    over = [day for day in ends.to_pylist() if day <= date.fromisoformat(as_of) + timedelta(days=1)]
    return max(over, default=date.min)


def _until(column: str | None, through: date) -> Until | None:
    """The last day that counts; without a period that is over no day is early enough."""
    day = timedelta(days=1)
    return {column: max(through, date.min + day) - day} if column else None


def _mark(tables: Tables, through: date) -> str:
    return fingerprint(
        through,
        *(
            tables.digest(relation, columns, _until(column, through))
            for relation, columns, column in READS_OF.values()
        ),
    )


def _opener(tables: Tables, name: str, through: date) -> Callable[[], pa.RecordBatchReader]:
    """Return what opens the rows of an input that are dated, and not later than the last period."""
    relation, columns, dated = READS_OF[name]
    wanted = columns if dated is None or dated in columns else (*columns, dated)
    return lambda: tables.batches(relation, wanted, _until(dated, through), dated)
