"""Writes a tiny home with a finished build: enough tables to judge, publish and read."""

import json

import duckdb

from dagster_project.settings import Settings

CONTROLS = [
    *("R-01", "R-02", "R-03", "R-04", "R-05", "R-06", "R-07", "R-08", "R-09", "R-10", "R-11"),
    *("R-12", "R-13", "R-14", "R-15", "R-16", "R-19", "R-20"),
    *("P-01", "P-02", "P-03", "P-04", "P-05"),
]
FEEDS = ["erp.sales_order", "erp.invoice", "erp.invoice_line", "erp.fx_rate", "finance.gl_balance"]

SUITE = '''
"""Small suite of the tests."""
from great_expectations import expectations as gxe

TABLE = "marts.fct_order_line"
EXPECTATIONS = [
    gxe.ExpectColumnSumToBeBetween(
        column="net_amount",
        min_value=1,
        meta={"name": "something_was_sold", "why": "No day is without sales.", "severity": "HIGH"},
    ),
]
'''

CONTROL_SUITE = """
from dagster_project.release.suites import control

TABLE = "marts.fct_control_result"
EXPECTATIONS = [
    *control("R-01", severity="CRITICAL", needs=("finance.gl_balance",), why="Books."),
    *control("R-12", severity="CRITICAL", why="Batches."),
]
"""


def make_build(settings: Settings, build_id: str = "b1", as_of: str = "2025-12-31") -> None:
    """Write a work file as a finished build leaves it; every table names its build."""
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    settings.warehouse_path.unlink(missing_ok=True)
    con = duckdb.connect(str(settings.warehouse_path))
    con.execute(
        f"""
        create schema marts; create schema raw; create schema state;
        create table state.build as select '{build_id}' as build_id, date '{as_of}' as as_of,
            'EUR' as group_currency, 'p1' as policy_version, 'c1' as code_fingerprint,
            true as is_full;
        create table raw.batch (system varchar, feed varchar, batch_id varchar, is_active boolean,
            accepted_rows bigint, fingerprint varchar, window_to timestamp, extracted_at timestamp);
        create table marts.fct_order_line as
            select 'O' || i as order_id, '{build_id}' as build_id, 'C' || i % 7 as customer_id,
                cast(i * 1.25 as decimal(18, 4)) as net_amount, i / 3.0 as ratio,
                timestamp '2025-01-01' + to_seconds(i) as ordered_at
            from range(1, 501) as r(i);
        create table marts.dim_customer as
            select 'C' || i as customer_id, '{build_id}' as build_id from range(7) as r(i);
        create table marts.fct_control_result (control_id varchar, dimension varchar,
            left_value decimal(38, 6), right_value decimal(38, 6), difference decimal(38, 6),
            tolerance decimal(38, 6), severity varchar, status varchar, detail varchar,
            company_code varchar, fiscal_period_id varchar, owner varchar, opened_date date,
            age_days bigint, explained_amount decimal(38, 6), explained_reasons varchar,
            explained_by varchar, explained_evidence varchar, ticket varchar, waived_by varchar,
            waiver_reason varchar, waiver_expires_date date);
        """
    )
    for feed in FEEDS:
        con.execute(
            "insert into raw.batch values (?, ?, ?, true, 10, 'f', '2026-01-01', '2026-01-01')",
            [*feed.split("."), f"{feed}-1"],
        )
    for control in CONTROLS:
        con.execute(
            "insert into marts.fct_control_result (control_id, dimension, left_value, right_value,"
            " difference, tolerance, severity, status, detail)"
            " values (?, 'all', 1, 1, 0, 0, 'CRITICAL', 'PASS', 'agrees')",
            [control],
        )
    con.close()
    write_description(settings, build_id, as_of)


def write_description(settings: Settings, build_id: str, as_of: str, **changes: object) -> None:
    tests = [{"unique_id": "test.tierline.unique", "status": "pass", "message": None}]
    description = {"build_id": build_id, "as_of": as_of, "ok": True, "dbt": tests} | changes
    (settings.work_dir / "build.json").write_text(json.dumps(description))
