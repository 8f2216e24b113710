"""Ready feed files become a batch that the loader accepts, unchanged."""

import json
from pathlib import Path

import pytest

from dagster_project.adapters import pack
from dagster_project.errors import UsageError
from dagster_project.ingestion.manifest import parse_manifest

LINES = "shipment_id,line_no,product_id,shipped_qty,uom\nS1,1,P1,2,EA\nS1,2,P2,1.5,KG\n"


def packed(tmp_path: Path, text: str = LINES, name: str = "lines.csv", **options):
    path = tmp_path / name
    path.write_bytes(text.encode(options.get("encoding", "utf-8")))
    options = {"extracted_at": "2024-03-31T18:00:00Z"} | options
    return pack("wms", "shipment_line", [path], tmp_path / "out", **options)


def test_rows_are_counted_totalled_signed_and_copied_unchanged(tmp_path):
    batch = packed(tmp_path)
    manifest = json.loads((batch.folder / "manifest.json").read_text())
    assert batch.row_count == manifest["row_count"] == 2
    assert manifest["control_totals"] == {"shipped_qty": "3.5"}
    assert (batch.folder / "lines.csv").read_text() == LINES
    assert (tmp_path / "lines.csv").exists()
    assert parse_manifest((batch.folder / "manifest.json").read_bytes()).mode == "FULL"


def test_decimal_comma_semicolon_and_encoding_are_declared_not_converted(tmp_path):
    text = "shipment_id;line_no;product_id;shipped_qty;uom\nS1;1;Köder;1.234,5;EA\n"
    batch = packed(tmp_path, text, encoding="cp1252", delimiter=";", decimal=",", thousands=".")
    manifest = json.loads((batch.folder / "manifest.json").read_text())
    assert manifest["control_totals"] == {"shipped_qty": "1234.5"}
    assert (manifest["encoding"], manifest["delimiter"]) == ("cp1252", ";")
    assert (manifest["decimal"], manifest["thousands"]) == (",", ".")
    assert (batch.folder / "lines.csv").read_bytes() == text.encode("cp1252")


def test_same_file_gives_the_same_batch_and_packing_twice_changes_nothing(tmp_path):
    assert packed(tmp_path) == packed(tmp_path)


def test_other_content_under_the_same_batch_id_is_refused(tmp_path):
    packed(tmp_path, batch_id="march")
    with pytest.raises(UsageError, match="another content"):
        packed(tmp_path, LINES + "S2,1,P1,1,EA\n", batch_id="march")


def test_correction_names_the_batch_it_replaces(tmp_path):
    batch = packed(tmp_path, batch_id="march-2", supersedes_batch_id="march")
    manifest = json.loads((batch.folder / "manifest.json").read_text())
    assert manifest["supersedes_batch_id"] == "march"


def test_delta_without_a_window_is_refused(tmp_path):
    with pytest.raises(UsageError, match="window"):
        packed(tmp_path, mode="DELTA")


def test_delta_carries_its_window(tmp_path):
    batch = packed(
        tmp_path,
        mode="DELTA",
        window_from="2024-03-30T00:00:00Z",
        window_to="2024-03-31T00:00:00Z",
    )
    manifest = parse_manifest((batch.folder / "manifest.json").read_bytes())
    assert manifest.window_to is not None
    assert manifest.window_to.day == 31


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("shipment_id,line_no\nS1,1\n", "Missing: product_id, uom", id="too few"),
        pytest.param(LINES.replace("uom", "unit"), "unknown: unit", id="misnamed"),
        pytest.param(LINES.splitlines()[0] + "\n", "empty", id="no rows"),
        pytest.param("", "Missing", id="no header"),
    ],
)
def test_file_that_does_not_fit_the_contract_is_refused(tmp_path, text, message):
    with pytest.raises(UsageError, match=message):
        packed(tmp_path, text)


def test_feed_of_another_system_says_where_it_belongs(tmp_path):
    with pytest.raises(UsageError, match="contract is in wms"):
        pack("erp", "shipment_line", [], tmp_path, extracted_at="2024-03-31")


def test_wrongly_declared_encoding_is_refused(tmp_path):
    path = tmp_path / "lines.csv"
    path.write_bytes(LINES.replace("P1", "Pö").encode("latin-1"))
    with pytest.raises(UsageError, match="cannot be read"):
        pack("wms", "shipment_line", [path], tmp_path, extracted_at="2024-03-31")


def test_parquet_json_lines_and_xlsx_are_counted_too(tmp_path):
    import duckdb
    from openpyxl import Workbook

    rows = "select 'S1' as shipment_id, 1 as line_no, 'P1' as product_id, 2.5 as shipped_qty,"
    rows += " 'EA' as uom"
    files = [tmp_path / "lines.parquet", tmp_path / "lines.jsonl", tmp_path / "lines.xlsx"]
    duckdb.connect().execute(f"copy ({rows}) to '{files[0]}' (format parquet)")
    duckdb.connect().execute(f"copy ({rows}) to '{files[1]}' (format json)")
    book = Workbook()
    book.active.append(["shipment_id", "line_no", "product_id", "shipped_qty", "uom"])
    book.active.append(["S1", 1, "P1", 2.5, "EA"])
    book.save(files[2])
    for path in files:
        batch = pack("wms", "shipment_line", [path], tmp_path / "out", extracted_at="2024-03-31")
        assert (batch.row_count, batch.control_totals) == (1, {"shipped_qty": "2.5"})
