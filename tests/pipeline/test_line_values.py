"""What the documents of a source are worth arrives in the facts, to the last digit.

Followed hop by hop: the totals that the extracts state, raw, staging, facts with what was
rejected. The company has faults planted, so that some lines are rejected with their amounts.
"""

import json
from collections.abc import Iterator
from decimal import Decimal

import duckdb
import pytest
from pipeline_company import Company, company

from dagster_project.ingestion import load_contracts

pytestmark = pytest.mark.slow

PLANTED = ("unknown_unit", "missing_fx_rate", "broken_key")
DOCUMENT_LINES = {
    ("erp", "sales_order_line"): ("fct_order_line", "int_order__line_checked"),
    ("erp", "invoice_line"): ("fct_invoice_line", "int_invoice__line_checked"),
    ("wms", "shipment_line"): ("fct_shipment_line", "int_shipment__line_checked"),
    ("wms", "return_line"): ("fct_return_line", None),
    ("tms", "freight_invoice"): ("fct_freight_charge", None),
}
"""Feed of document lines to its fact and to the model that keeps its rejected rows."""
MEASURES = {
    ("erp", "sales_order_line"): ["ordered_qty", "net_amount"],
    ("erp", "invoice_line"): [
        "invoiced_qty",
        "gross_amount",
        "discount_amount",
        "net_amount",
        "tax_amount",
    ],
    ("wms", "shipment_line"): ["shipped_qty"],
    ("wms", "return_line"): ["returned_qty", "credit_amount"],
    ("tms", "freight_invoice"): ["amount"],
}
IN_STAGING = {("erp", "sales_order_line", "net_amount"): "round(ordered_qty * net_price, 4)"}
"""The value of an order line is not delivered; it is the quantity at its price."""
NEWEST_REVISION = {
    ("erp", "sales_order_line"): " qualify row_number() over ("
    "partition by order_id, line_no, schedule_no order by revision desc) = 1"
}
"""The key of an order line counts its revisions; the fact has the newest of them."""
CONTRACTS = load_contracts()
DECIMALS = sorted(
    (*key, column.name, column.data_type)
    for key, feed in CONTRACTS.items()
    for column in feed.columns
    if column.data_type.startswith("decimal")
)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Company:
    made = company(tmp_path_factory.mktemp("values"), plant=PLANTED, tail_days=2)
    made.land()
    for day in sorted((made.extracts / "tail").iterdir()):
        made.land(day)
    made.build()
    return made


@pytest.fixture(scope="module")
def con(simulated: Company) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(simulated.settings.warehouse_path), read_only=True) as opened:
        yield opened


def total(con: duckdb.DuckDBPyConnection, expression: str, rows: str) -> Decimal | None:
    found = con.execute(f"select sum({expression}) from {rows}").fetchone()
    assert found is not None
    return found[0]


def test_raw_holds_the_totals_that_the_extracts_state(simulated, con):
    active = {
        row[0] for row in con.execute("select batch_key from raw.batch where is_active").fetchall()
    }
    stated: dict[tuple[str, str, str], Decimal] = {}
    for folder in ("landing", "tail"):
        for path in (simulated.extracts / folder).rglob("manifest.json"):
            manifest = json.loads(path.read_text(encoding="utf-8"))
            feed = (manifest["system"], manifest["feed"])
            if "/".join([*feed, manifest["batch_id"]]) in active:
                for column, amount in manifest["control_totals"].items():
                    key = (*feed, column)
                    stated[key] = stated.get(key, Decimal(0)) + Decimal(amount)
    assert {key[:2] for key in stated} >= set(DOCUMENT_LINES)
    for (system, feed, column), amount in stated.items():
        in_raw = total(con, f"cast({column} as decimal(28, 8))", f"raw.{system}__{feed}")
        assert in_raw == amount, f"{system}.{feed}.{column}"


@pytest.mark.parametrize(("system", "feed", "column", "kind"), DECIMALS)
def test_staging_holds_what_the_newest_raw_rows_say(con, system, feed, column, kind):
    key = ", ".join(CONTRACTS[system, feed].key)
    newest = (
        f"(select * from raw.{system}__{feed} qualify row_number() over (partition by {key}"
        " order by _extracted_at desc, _batch_id desc, _source_row desc) = 1)"
        " where coalesce(_op, 'U') <> 'D'"
    )
    in_raw = total(con, f"cast(nullif(trim({column}), '') as {kind})", newest)
    assert total(con, column, f"staging.stg_{system}__{feed}") == in_raw


@pytest.mark.parametrize("feed", DOCUMENT_LINES, ids=".".join)
def test_facts_and_rejected_lines_hold_what_staging_holds(con, feed):
    fact, checked = DOCUMENT_LINES[feed]
    staged = f"staging.stg_{'__'.join(feed)}{NEWEST_REVISION.get(feed, '')}"
    for measure in MEASURES[feed]:
        in_staging = total(
            con,
            "value",
            f"(select {IN_STAGING.get((*feed, measure), measure)} as value from {staged})",
        )
        in_fact = total(con, measure, f"marts.{fact}") or 0
        rejected = 0
        if checked:
            kept = f"intermediate.{checked} where reject_reason is not null"
            rejected = total(con, measure, kept) or 0
        assert in_fact + rejected == in_staging, measure
        assert in_fact != 0, measure


@pytest.mark.parametrize(
    "feed", [f for f, (_, checked) in DOCUMENT_LINES.items() if checked], ids=".".join
)
def test_some_lines_are_rejected_or_nothing_was_shown(con, feed):
    _, checked = DOCUMENT_LINES[feed]
    kept = f"intermediate.{checked} where reject_reason is not null"
    assert total(con, "1", kept), "the planted faults reject no line of this feed"


def test_every_hop_of_every_feed_counts_the_same_rows(con):
    rows = con.execute(
        "select dimension, status, difference from marts.fct_control_result"
        " where control_id = 'R-13'"
    ).fetchall()
    assert {(status, difference) for _, status, difference in rows} == {("PASS", Decimal(0))}
    hops = {dimension.split("hop=")[1] for dimension, _, _ in rows}
    assert hops == {"landing", "raw", "staging", "fact"}


def test_a_line_that_gets_lost_on_the_way_turns_the_control_red(simulated, tmp_path):
    copy = tmp_path / "warehouse.duckdb"
    copy.write_bytes(simulated.settings.warehouse_path.read_bytes())
    with duckdb.connect(str(copy)) as opened:
        opened.execute("delete from marts.fct_invoice_line where rowid = 0")
        red = opened.execute(
            "select dimension, difference from intermediate.int_control__row_lineage"
            " where status <> 'PASS'"
        ).fetchall()
    assert red == [("feed=erp.invoice_line|hop=fact", Decimal(1))]
