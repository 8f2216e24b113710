"""The adapter engine writes the same bytes for the same input and says what is wrong."""

import hashlib
import json
from decimal import Decimal
from pathlib import Path

import pytest
from real_data import real_data

from dagster_project.adapters import ADAPTERS, adapt, load_spec
from dagster_project.adapters.feeds import all_feeds
from dagster_project.errors import UsageError
from dagster_project.ingestion.manifest import parse_manifest

NATIVE = {
    "clients.csv": "No,Name,Land\n1, Café  Noir ,France\n2,Åse,Norway\n",
    "items.csv": "Code,Title\nP1,Lamp\n",
    "orders.csv": "Id,Client,Day,Left\n10,1,3/9/2024,3/11/2024\n11,2,3/10/2024,\n",
    "lines.csv": "Order,Pos,Code,Qty,Price\n10,1,P1,2,9.5\n11,1,P1,3,9.5\n",
}
SQL = {
    "customer": "select No as customer_id, clean_text(Name) as name, 'SOLD_TO' as account_group,"
    " 'EUR' as currency, false as is_credit_hold, false as is_order_block, 'X' as sales_org,"
    " 'X' as channel, Land as region, country_code(Land) as country,"
    " date '2024-01-01' as created_date, false as is_test from clients",
    "product": "select Code as product_id, Title as name, 'F' as family, 'C' as category,"
    " 'EA' as base_uom, false as is_hazmat, false as is_cold_chain, false as is_kit from items",
    "sales_order": "select Id as order_id, 1 as revision, 'STANDARD' as order_type,"
    " 'OTHER' as channel, Client as sold_to_customer_id, 'EUR' as currency,"
    " parse_us_date(Day) as ordered_at, true as is_partial_allowed from orders",
    "sales_order_line": 'select "Order" as order_id, Pos as line_no, 1 as schedule_no,'
    " 1 as revision, Code as product_id, Qty as ordered_qty, 'EA' as uom, Price as net_price"
    " from lines",
    "shipment": "select Id as shipment_id, parse_us_date(Left) as created_at, 'SHIPPED' as status"
    ' from orders where "Left" is not null',
    "shipment_line": 'select "Order" as shipment_id, Pos as line_no, "Order" as order_id,'
    " Pos as order_line_no, Code as product_id, Qty as shipped_qty, 'EA' as uom"
    ' from lines inner join orders on Id = "Order" where "Left" is not null',
}
SPEC = """
extracted_at: select max(parse_us_date(Day)) from orders
inputs:
  clients: [No, Name, Land]
  items: [Code, Title]
  orders: [Id, Client, Day, Left]
  lines: [Order, Pos, Code, Qty, Price]
"""


@pytest.fixture
def shop(tmp_path):
    """A tiny company with an adapter of its own: (adapter folder, native folder)."""
    adapter, native = tmp_path / "shop", tmp_path / "native"
    adapter.mkdir()
    native.mkdir()
    (adapter / "adapter.yml").write_text(SPEC, encoding="utf-8")
    for feed, sql in SQL.items():
        (adapter / f"{feed}.sql").write_text(sql.replace("(Left)", '("Left")'), encoding="utf-8")
    for name, text in NATIVE.items():
        (native / name).write_text(text, encoding="utf-8")
    return adapter, native


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_folder_of_sql_outside_the_project_is_an_adapter(shop, tmp_path):
    adapter, native = shop
    batches = adapt(str(adapter), native, tmp_path / "out")
    assert {batch.feed: batch.row_count for batch in batches} == {
        "customer": 2,
        "product": 1,
        "sales_order": 2,
        "sales_order_line": 2,
        "shipment": 1,
        "shipment_line": 1,
    }


def test_the_loader_understands_every_manifest_and_finds_its_totals(shop, tmp_path):
    adapter, native = shop
    for batch in adapt(str(adapter), native, tmp_path / "out"):
        manifest = parse_manifest((batch.folder / "manifest.json").read_bytes())
        assert manifest.extracted_at.isoformat() == "2024-03-10T23:59:59"
        assert manifest.row_count == batch.row_count
        if batch.feed == "sales_order_line":
            assert manifest.control_totals == {"ordered_qty": Decimal("5.0000")}


def test_same_input_gives_the_same_bytes_and_running_again_changes_nothing(shop, tmp_path):
    adapter, native = shop
    adapt(str(adapter), native, tmp_path / "one")
    adapt(str(adapter), native, tmp_path / "two")
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    adapt(str(adapter), native, tmp_path / "one")
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_csv_and_parquet_of_the_same_tables_give_the_same_bytes(tmp_path):
    source = real_data("dataco")
    for suffix in (".csv.gz", ".parquet"):
        folder = tmp_path / suffix.removeprefix(".")
        folder.mkdir()
        for table in load_spec("dataco").inputs:
            (folder / f"{table}{suffix}").symlink_to(source / f"{table}{suffix}")
        adapt("dataco", folder, tmp_path / f"out{suffix}")
    assert digests(tmp_path / "out.csv.gz") == digests(tmp_path / "out.parquet")


def test_corrected_export_of_the_same_day_supersedes_the_first_and_then_stays(shop, tmp_path):
    adapter, native = shop
    first = {b.feed: b for b in adapt(str(adapter), native, tmp_path / "out")}
    (native / "items.csv").write_text("Code,Title\nP1,Desk lamp\n")
    second = {b.feed: b for b in adapt(str(adapter), native, tmp_path / "out")}
    again = {b.feed: b for b in adapt(str(adapter), native, tmp_path / "out")}
    manifest = parse_manifest((second["product"].folder / "manifest.json").read_bytes())
    assert manifest.supersedes_batch_id == first["product"].batch_id
    assert second["customer"].batch_id == first["customer"].batch_id
    assert again == second


def test_rows_that_will_go_to_quarantine_are_counted_by_column(shop, tmp_path):
    adapter, native = shop
    (native / "clients.csv").write_text("No,Name,Land\n1,Café,Atlantis\n2,,Norway\n")
    batches = adapt(str(adapter), native, tmp_path / "out")
    assert {b.feed: b.rows_without for b in batches if b.rows_without} == {
        "customer": {"name": 1, "country": 1}
    }


def test_country_is_found_by_name_alias_code_and_without_accents(shop, tmp_path):
    adapter, native = shop
    codes = {"Great Britain": "GB", "DE": "DE", "Japón": "JP", "Japon": "JP", " usa": "US"}
    codes["Trinidad and Tobago"] = "TT"
    rows = "".join(f"{i},A,{name}\n" for i, name in enumerate(codes))
    (native / "clients.csv").write_text("No,Name,Land\n" + rows, encoding="utf-8")
    batch = next(b for b in adapt(str(adapter), native, tmp_path / "out") if b.feed == "customer")
    lines = (batch.folder / "customer.csv").read_text(encoding="utf-8").splitlines()
    column = lines[0].split(",").index("country")
    assert [line.split(",")[column] for line in lines[1:]] == list(codes.values())


def test_a_given_day_of_extraction_wins_over_the_data(shop, tmp_path):
    adapter, native = shop
    batch = adapt(str(adapter), native, tmp_path / "out", as_of="2024-03-31")[0]
    manifest = json.loads((batch.folder / "manifest.json").read_text())
    assert manifest["extracted_at"] == "2024-03-31T23:59:59Z"


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-16"])
def test_files_in_another_encoding_are_read_as_declared(shop, tmp_path, encoding):
    adapter, native = shop
    with (adapter / "adapter.yml").open("a") as file:
        file.write(f"csv: {{encoding: {encoding}}}\n")
    for name, text in NATIVE.items():
        (native / name).write_bytes(text.encode(encoding))
    batch = next(b for b in adapt(str(adapter), native, tmp_path / "out") if b.feed == "customer")
    assert "1,Café Noir," in (batch.folder / "customer.csv").read_text(encoding="utf-8")


def test_unknown_adapter_lists_the_known_ones():
    with pytest.raises(UsageError, match="northwind"):
        adapt("sap", Path(), Path("nowhere"))


def test_missing_native_file_is_named_with_what_was_found(shop, tmp_path):
    adapter, native = shop
    (native / "lines.csv").unlink()
    with pytest.raises(UsageError, match=r"lines\.csv.*Found .*orders\.csv"):
        adapt(str(adapter), native, tmp_path / "out")


def test_missing_native_column_is_named_with_expected_and_found(shop, tmp_path):
    adapter, native = shop
    (native / "items.csv").write_text("Code,Label\nP1,Lamp\n")
    with pytest.raises(UsageError, match=r"'Title'.*Expected .*Code.*found .*Label"):
        adapt(str(adapter), native, tmp_path / "out")


def test_header_that_differs_in_case_and_blanks_is_still_the_column(shop, tmp_path):
    adapter, native = shop
    (native / "items.csv").write_text('code,"Title  "\nP1,Lamp\n')
    assert adapt(str(adapter), native, tmp_path / "out")


def test_empty_native_file_is_refused(shop, tmp_path):
    adapter, native = shop
    (native / "orders.csv").write_text("Id,Client,Day,Left\n")
    with pytest.raises(UsageError, match=r"orders\.csv is empty"):
        adapt(str(adapter), native, tmp_path / "out")


def test_folder_that_is_not_there_is_refused(shop, tmp_path):
    with pytest.raises(UsageError, match="no folder"):
        adapt(str(shop[0]), tmp_path / "absent", tmp_path / "out")


def test_sql_that_lacks_a_column_of_the_contract_is_refused(shop, tmp_path):
    adapter, native = shop
    (adapter / "product.sql").write_text("select Code as product_id, Title as title from items")
    with pytest.raises(UsageError, match=r"product\.sql.*Missing: name, family.*unknown: title"):
        adapt(str(adapter), native, tmp_path / "out")


def test_sql_that_gives_one_key_twice_is_refused(shop, tmp_path):
    adapter, native = shop
    (native / "items.csv").write_text("Code,Title\nP1,Lamp\nP1,Light\n")
    with pytest.raises(UsageError, match=r"2 rows for one key.*product_id P1"):
        adapt(str(adapter), native, tmp_path / "out")


def test_value_of_the_wrong_kind_names_the_feed_and_the_value(shop, tmp_path):
    adapter, native = shop
    (native / "lines.csv").write_text("Order,Pos,Code,Qty,Price\n10,1,P1,two,9.5\n")
    with pytest.raises(UsageError, match=r"sales_order_line\.sql.*two"):
        adapt(str(adapter), native, tmp_path / "out")


def test_sql_file_for_no_feed_is_refused(shop, tmp_path):
    adapter, native = shop
    (adapter / "clients.sql").write_text("select 1")
    with pytest.raises(UsageError, match="no feed 'clients'"):
        adapt(str(adapter), native, tmp_path / "out")


def test_required_feed_without_a_row_is_refused(shop, tmp_path):
    adapter, native = shop
    (adapter / "shipment.sql").write_text(
        SQL["shipment"].replace("(Left)", '("Left")') + " and false"
    )
    with pytest.raises(UsageError, match=r"shipment\.sql gives no row"):
        adapt(str(adapter), native, tmp_path / "out")


def test_optional_feed_without_a_row_gives_no_batch(shop, tmp_path):
    adapter, native = shop
    (adapter / "carrier.sql").write_text(
        "select '1' as carrier_id, 'X' as name, false as is_hazmat_approved where false"
    )
    feeds = {batch.feed for batch in adapt(str(adapter), native, tmp_path / "out")}
    assert "carrier" not in feeds


def test_adapter_may_fill_only_the_feeds_of_its_system(shop, tmp_path):
    adapter, native = shop
    for feed in ("shipment", "shipment_line"):
        (adapter / f"{feed}.sql").unlink()
    systems = {batch.system for batch in adapt(str(adapter), native, tmp_path / "out")}
    assert systems == {"erp"}


def test_nothing_is_left_behind_by_a_failed_run(shop, tmp_path):
    adapter, native = shop
    (adapter / "shipment.sql").write_text("select nonsense from orders")
    with pytest.raises(UsageError):
        adapt(str(adapter), native, tmp_path / "out")
    assert not list((tmp_path / "out").glob(".*"))


@pytest.mark.parametrize("name", ADAPTERS)
def test_every_sql_file_of_an_adapter_fills_a_feed_and_every_required_feed_is_filled(name):
    spec = load_spec(name)
    required = {feed.name for feed in all_feeds().values() if feed.required}
    assert required <= set(spec.feed_files) <= set(all_feeds())
