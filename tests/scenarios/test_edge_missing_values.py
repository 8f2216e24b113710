"""What a source does not deliver: what takes its place has a row in the log, value by value.

Sales organisation MV-A delivers every column and leaves single cells empty. MV-C has list prices in
no row at all; so has MV-B, until a price comes the day after.
"""

import shutil

import duckdb
import pytest
from imputation_verdict import imputation_verdict

from dagster_project.settings import Settings

from .world import World

DUE, MOVED = "2025-03-10T15:00:00Z", "2025-03-14T15:00:00Z"
COMPLETE = {"list_price": 12, "promised_ship_at": "2025-03-07T15:00:00Z"}
HERE = {"ship_from_site_id": "MV-DC"}


def given(world: World) -> None:
    world.site("MV-DC", site_type="DC", country="BE", postcode="1000", latitude=50, longitude=4)
    world.site("MV-DC2", site_type="DC", country="BE", postcode="1000", latitude=52, longitude=6)
    world.site("MV-NEAR", country="BE", postcode="1000", latitude=None, longitude=None)
    world.site("MV-FAR", country="BE", postcode="9999", latitude=None, longitude=None)
    world.site("MV-NOWHERE", country="ZZ", postcode="1000", latitude=None, longitude=None)
    world.order("MV-1", sales_org="MV-A", bill_to_customer_id="C-MV-1")
    world.line("MV-1", line_no=1, **COMPLETE, **HERE)
    nothing = {"first_confirmed_at": None, "first_confirmed_qty": None}
    world.line("MV-1", line_no=2, confirmed_qty=90, **(COMPLETE | nothing | {"list_price": None}))
    world.line("MV-1", line_no=3, confirmed_at=None, **COMPLETE, **HERE)
    cancelled = {"cancelled_qty": 5, "revised_at": "2025-03-04T08:00:00Z"}
    world.line("MV-1", line_no=4, **cancelled, **COMPLETE, **HERE)
    said = {"cancelled_by": "CUSTOMER", "cancelled_at": "2025-03-05T08:00:00Z"}
    world.line("MV-1", line_no=5, **cancelled, **said, **COMPLETE, **HERE)
    for revision, confirmed_at in ((1, DUE), (2, MOVED)):
        given_up = {"first_confirmed_at": None, "confirmed_at": confirmed_at}
        world.line("MV-1", line_no=6, revision=revision, **given_up, **COMPLETE, **HERE)
    world.order("MV-2", sales_org="MV-C")
    world.line("MV-2", line_no=1)
    world.line("MV-2", line_no=2)
    priced = {"order_id": "MV-9", "list_price": 11, "product_id": "P-ANY", "uom": "EA"}
    world.order("MV-9", sales_org="MV-B")
    world.line("MV-9")
    more = {"line_no": 2, "ordered_qty": 1, "net_price": 10, "first_confirmed_at": DUE}
    world.later("next day", "erp.sales_order_line", **(priced | more))
    world.customer("C-MV-3")
    world.row(
        "erp.sales_order",
        order_id="MV-3",
        revision=1,
        sales_org="MV-A",
        sold_to_customer_id="C-MV-3",
        ordered_at="2025-03-03T09:00:00Z",
    )
    world.line("MV-3", **COMPLETE, **HERE)
    for shipment, order, sites in (
        ("MV-S1", "MV-1", {"from_site_id": "MV-DC", "to_site_id": "ST-MV-1"}),
        ("MV-S3", "MV-3", {}),
    ):
        world.row("wms.shipment", shipment_id=shipment, departed_at="2025-03-08T09:00:00Z", **sites)
        part = {"shipment_id": shipment, "line_no": 1, "order_id": order, "order_line_no": 1}
        world.row("wms.shipment_line", **part, product_id="P-ANY", shipped_qty=10, uom="EA")
        world.event(shipment, "DELIVERED", "2025-03-10T10:00:00Z")
    line = {"order": "MV-1", "qty": 10, "net": 100}
    full = line | {"rebate_accrual_amount": 1, "cogs_std_amount": 60}
    world.invoice("MV-I1", full, line, company_code="MV01", bill_to_customer_id="C-MV-1")
    world.invoice("MV-I2", line, line, company_code="MV02", sold_to_customer_id="C-MV-3")


LOGGED = {
    ("site.coordinates", "MV-NEAR"): ("GEO_POSTCODE", "51.000000 5.000000"),
    ("site.coordinates", "MV-FAR"): ("GEO_COUNTRY", "50.830000 4.000000"),
    ("site.coordinates", "MV-NOWHERE"): ("GEO_NONE", None),
    ("order.ship_to_time_zone", "MV-3"): ("TZ_UTC", "UTC"),
    ("order.bill_to_customer", "C-MV-3"): ("BILL_TO_SOLD_TO", "C-MV-3"),
    ("order.bill_to_customer", "C-MV-2"): ("BILL_TO_SOLD_TO", "C-MV-2"),
    ("order.payer_customer", "C-MV-1"): ("PAYER_BILL_TO", "C-MV-1"),
    ("order_line.list_price", "MV-1 2 1"): ("LIST_PRICE", "10.000000"),
    ("order_line.list_price", "MV-9 1 1"): ("LIST_PRICE", "10.000000"),
    ("order_line.list_price", "erp.sales_order_line.list_price of MV-C"): (
        "LIST_PRICE",
        "net_price of each line",
    ),
    ("order_line.first_confirmed_at", "MV-1 2 1"): ("FIRST_CONFIRMED", "2025-03-10 15:00:00"),
    ("order_line.first_confirmed_at", "MV-1 6 1"): ("FIRST_CONFIRMED", "2025-03-10 15:00:00"),
    ("order_line.first_confirmed_qty", "MV-1 2 1"): ("FIRST_CONFIRMED_QTY", "90.000000"),
    ("order_line.confirmed_at", "MV-1 3 1"): ("LAST_CONFIRMED", "2025-03-10 15:00:00"),
    ("order_line.confirmed_at", "MV-9 2 1"): ("LAST_CONFIRMED", "2025-03-10 15:00:00"),
    ("order_line.cancelled_by", "MV-1 4 1"): ("CANCELLED_BY_SELLER", "SELLER"),
    ("order_line.cancelled_at", "MV-1 4 1 2"): ("CANCELLED_AT_REVISION", "2025-03-04 08:00:00"),
    ("order_line.ship_from_time_zone", "MV-1 2 1"): ("SHIP_FROM_UTC", "UTC"),
    ("shipment_line.ship_from_time_zone", "MV-S3 1"): ("SHIPMENT_FROM_UTC", "UTC"),
    ("shipment_line.ship_to_time_zone", "MV-S3 1"): ("SHIPMENT_TO_UTC", "UTC"),
    ("invoice_line.rebate_accrual", "MV-I1 2"): ("REBATE_ZERO", "0"),
    ("invoice_line.rebate_accrual", "erp.invoice_line.rebate_accrual_amount of MV02"): (
        "REBATE_ZERO",
        "0",
    ),
    ("invoice_line.cogs", "MV-I1 2"): ("COST_NONE", None),
    ("invoice_line.cogs", "erp.invoice_line.cogs_std_amount of MV02"): ("COST_NONE", None),
    ("invoice.bill_to_customer", "C-MV-3"): ("INVOICE_BILL_TO", "C-MV-3"),
    ("company.local_currency", "MV01"): ("COMPANY_CURRENCY", "EUR"),
    ("company.fiscal_calendar", "MV01"): ("COMPANY_CALENDAR", "E24-445"),
}


def test_each_value_that_stands_in_has_its_row_and_no_other_has(ask):
    rows = ask("from marts.mart_governance__imputation_log where entity_id like '%MV%'")
    found = {
        (row["metric"], row["entity_id"]): (row["rule_id"], row["imputed_value"]) for row in rows
    }
    assert {key: found.get(key) for key in LOGGED} == LOGGED
    documents = ("order_line.", "shipment_line.", "invoice_line.", "order.ship_to")
    assert {key for key in set(found) - set(LOGGED) if key[0].startswith(documents)} == set()


def test_a_column_that_is_never_delivered_is_one_row_with_the_count(ask):
    rows = ask(
        "select entity_id, values_count from marts.mart_governance__imputation_log"
        " where entity_type = 'feed' and entity_id like '%MV%' order by entity_id"
    )
    assert [(row["entity_id"].split(".")[-1], row["values_count"]) for row in rows] == [
        ("cogs_std_amount of MV02", 2),
        ("rebate_accrual_amount of MV02", 2),
        ("list_price of MV-C", 2),
    ]


def test_a_cost_that_is_not_known_is_not_zero(ask):
    [row] = ask(
        "select cogs_amount_group, rebate_amount_group from marts.fct_invoice_line"
        " where invoice_id = 'MV-I1' and line_no = 2"
    )
    assert (row["cogs_amount_group"], row["rebate_amount_group"]) == (None, 0)


@pytest.fixture(scope="module")
def judge(marts, tmp_path_factory):
    """A copy of the warehouse, and the dbt test that nothing is imputed silently, as DuckDB SQL."""
    settings = Settings(home=tmp_path_factory.mktemp("judge"))
    settings.work_dir.mkdir(parents=True)
    built = marts.execute("select path from duckdb_databases() where path is not null").fetchone()
    shutil.copy(built[0], settings.warehouse_path)
    _, query = imputation_verdict(settings)
    with duckdb.connect(str(settings.warehouse_path)) as con:
        yield con, query


def test_all_nulls_of_all_scenarios_are_in_the_log(judge):
    con, sql = judge
    assert con.execute(sql).fetchall() == []


FOUND = [key for key in LOGGED if not key[0].startswith("company.fiscal_calendar")]
MORE = [
    ("invoice_line.cogs", "E58-I 1"),
    ("customer.order_rate", "C-E01"),
    ("customer.order_size", "C-E01"),
    ("customer.default_segment", "C-E01"),
    ("calendar.is_working_day", None),
    ("segment_score.attribute", None),
]


@pytest.mark.parametrize(("metric", "entity_id"), FOUND + MORE)
def test_a_null_that_the_log_does_not_know_is_named(judge, metric, entity_id):
    con, sql = judge
    con.execute("begin transaction")
    try:
        deleted = con.execute(
            "delete from marts.mart_governance__imputation_log where metric = ? and entity_id ="
            " coalesce(?, (select min(entity_id) from marts.mart_governance__imputation_log"
            " where metric = ?)) returning values_count",
            [metric, entity_id, metric],
        ).fetchall()
        assert len(deleted) == 1
        found = con.execute(sql).fetchall()
        assert found
        assert {name for name, _ in found} == {metric}
    finally:
        con.execute("rollback")
