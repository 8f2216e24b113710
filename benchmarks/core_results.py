"""Three core results, made again by data frame libraries and compared with the marts.

The intermediate tables that they start from are written to Parquet once. Amounts and quantities
are whole numbers there (ten thousandths and millionths), so that sums are exact and equality
means equality. ``core_pandas`` and ``core_polars`` hold the same three functions; a further
library is a further module with the same names.
"""

import importlib
import json
import shutil
from pathlib import Path
from typing import Any

from benchmarks.process import (
    Clock,
    Measured,
    answer_with,
    run_measured,
    seconds_since_start,
)
from dagster_project.settings import Settings

ENGINES = ("pandas", "polars")


def _scaled(column: str, digits: int) -> str:
    return f"cast({column} * {10**digits} as bigint) as {column}"


def _moment(column: str) -> str:
    """Dates as timestamps: pandas has no type of its own for a date."""
    return f"cast({column} as timestamp) as {column}"


INPUTS = {
    "order_line": f"""
        select order_id, line_no, schedule_no, entity_id, order_type, {_moment("ordered_date")},
            is_service_relevant, is_partial_allowed, due_test,
            {_moment("due_req_date")}, {_moment("due_first_date")}, {_moment("due_last_date")},
            due_req_limit, due_first_start, due_first_limit,
            {_scaled("under_pct", 4)}, {_scaled("over_pct", 4)},
            {_scaled("countable_base_qty", 6)}, {_scaled("seller_cancelled_base_qty", 6)},
            {_scaled("net_amount_group", 4)}
        from intermediate.int_order__line""",
    "shipment_line": f"""
        select shipment_id, line_no as shipment_line_no, order_id, order_line_no as line_no,
            schedule_no, {_scaled("shipped_base_qty", 6)}, delivered_at, {_moment("delivered_date")}
        from intermediate.int_shipment__line""",
    "schedule_split": f"""
        select order_id, line_no, schedule_no, shipment_id, shipment_line_no,
            {_scaled("shipped_base_qty", 6)}
        from intermediate.int_shipment__schedule_split""",
    "order_header": f"""
        select order_id, entity_id, order_type, {_moment("ordered_date")}
        from intermediate.int_order__header where reject_reason is null""",
    "invoice_line": f"""
        select entity_id, {_moment("posting_date")}, {_scaled("net_amount_group", 4)}
        from intermediate.int_invoice__line""",
    "assignment": f"""
        select entity_id, segment_key, {_moment("valid_from")}, {_moment("valid_to")}
        from intermediate.int_segment__assignment
        where scheme_id = 'service' and is_latest_belief""",
}

EXPECTED = {
    "order_line_service": f"""
        select order_id, line_no, schedule_no, {_scaled("delivered_by_due_first_base_qty", 6)},
            is_in_full_first, is_on_time_first, is_otif_first
        from marts.fct_order_line_service""",
    "customer_month": f"""
        select entity_id, {_moment("activity_month")}, orders_count, order_lines_count,
            {_scaled("net_amount_group", 4)}
        from marts.mart_customer_month""",
    # The mart has a row also where a segment has members and nothing else.
    "segment_kpi": f"""
        select segment_key, {_moment("activity_month")}, orders_count, order_lines_count,
            {_scaled("ordered_net_amount_group", 4)}, {_scaled("net_amount_group", 4)},
            cast(otif_first_numerator as bigint) as otif_first_numerator,
            cast(otif_first_denominator as bigint) as otif_first_denominator
        from marts.mart_segment_kpi_monthly
        where active_entities_count > 0 or otif_first_denominator is not null""",
}

MODELS = {
    "order_line_service": [
        "int_shipment__schedule_split",
        "int_order__line_fulfilment",
        "fct_order_line_service",
    ],
    "customer_month": ["int_customer__month", "mart_customer_month"],
    "segment_kpi": [
        "fct_order_line",
        "fct_invoice_line",
        "mart_service_attainment",
        "mart_segment_kpi_monthly",
    ],
}
"""Models that make the same result from the same tables, and much else besides."""


def export(settings: Settings, folder: Path) -> float:
    """Write inputs, expected results and the facts of the build below a folder; return seconds."""
    import duckdb

    clock = Clock()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    config = {"memory_limit": settings.memory_limit, "threads": settings.threads}
    with (
        clock.measure("export"),
        duckdb.connect(str(settings.warehouse_path), read_only=True, config=config) as con,
    ):
        for name, query in INPUTS.items():
            con.execute(f"copy ({query}) to '{folder / name}.parquet'")
    with duckdb.connect(str(settings.warehouse_path), read_only=True, config=config) as con:
        for name, query in EXPECTED.items():
            con.execute(f"copy ({query}) to '{folder / name}.expected.parquet'")
        as_of, has_events = con.execute(
            "select cast(as_of as varchar), exists (from staging.stg_tms__tracking_event)"
            " from state.build"
        ).fetchone()
    (folder / "facts.json").write_text(json.dumps({"as_of": as_of, "has_events": has_events}))
    return clock.seconds["export"]


def measure(engine: str, folder: Path, threads: int) -> Measured:
    """Make the three results with one library in a fresh process and compare them."""
    return run_measured(
        "benchmarks.core_results",
        [engine, str(folder)],
        {"POLARS_MAX_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)},
    )


def run(engine: str, folder: Path) -> dict[str, Any]:
    """Make the three results with one library; return seconds and differing rows by result."""
    clock = Clock({"start": seconds_since_start()})
    with clock.measure("import"):
        library = importlib.import_module(f"benchmarks.core_{engine}")
    facts = json.loads((folder / "facts.json").read_text())
    with clock.measure("read"):
        tables = library.read(folder, list(INPUTS))
    results = {}
    with clock.measure("order_line_service"):
        service = library.order_line_service(tables, facts)
        results["order_line_service"] = service
    with clock.measure("customer_month"):
        results["customer_month"] = library.customer_month(tables)
    with clock.measure("segment_kpi"):
        results["segment_kpi"] = library.segment_kpi(tables, service, facts)
    for name, frame in results.items():
        library.write(frame, folder / f"{name}.{engine}.parquet")
    return {
        "stages": clock.seconds,
        "rows": {name: len(frame) for name, frame in results.items()},
        "different_rows": {name: different_rows(folder, name, engine) for name in results},
    }


def different_rows(folder: Path, name: str, engine: str) -> int:
    """Count the rows that stand in one of the two results and not in the other."""
    import duckdb

    expected = f"read_parquet('{folder / name}.expected.parquet')"
    found = f"read_parquet('{folder / name}.{engine}.parquet')"
    with duckdb.connect() as con:
        columns = [row[0] for row in con.execute(f"describe from {expected}").fetchall()]
        listed = ", ".join(columns)
        count = con.execute(
            f"""
            with expected as (select {listed} from {expected}),
            found as (select {listed} from {found})
            select count(*) from (
                (from expected except all from found) union all
                (from found except all from expected)
            ) as difference
            """
        ).fetchone()
    return count[0]


def main(arguments: list[str]) -> dict[str, Any]:
    """Run one library in this process."""
    return run(arguments[0], Path(arguments[1]))


if __name__ == "__main__":
    answer_with(main)
