"""Every format and way of writing lands as the same rows."""

import gzip
import json
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ingestion_batches import FX, as_csv, write_batch

ROWS = [FX, FX | {"rate_date": "2025-01-03", "rate": "1.25"}]
LANDED = [("EUR", "USD", "2025-01-02", "M", "1.1"), ("EUR", "USD", "2025-01-03", "M", "1.25")]
SELECT = "select from_currency, to_currency, rate_date, rate_type, rate from raw.erp__fx_rate"
CSV = as_csv(ROWS)
QUOTED = "".join(f'"{line}"\n' for line in CSV.replace(",", '","').splitlines())


def _parquet(columns: dict) -> bytes:
    out = BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def _xlsx(rows: list[list]) -> bytes:
    book, out = openpyxl.Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


TYPED = {
    "from_currency": ["EUR", "EUR"],
    "to_currency": ["USD", "USD"],
    "rate_date": [date(2025, 1, 2), date(2025, 1, 3)],
    "rate_type": ["M", "M"],
    "rate": [1.1, 1.25],
}
CELLS = [list(TYPED), *map(list, zip(*TYPED.values(), strict=True))]
JSONL = "\n".join(json.dumps(row) for row in ROWS)
DELIVERIES = {
    "plain CSV": ("f.csv", CSV.encode(), {}),
    "CSV without a last line end": ("f.csv", CSV.rstrip("\n").encode(), {}),
    "byte order mark": ("f.csv", CSV.encode("utf-8-sig"), {}),
    "CRLF": ("f.csv", CSV.replace("\n", "\r\n").encode(), {}),
    "carriage returns only": ("f.csv", CSV.replace("\n", "\r").encode(), {}),
    "mixed line ends": ("f.csv", CSV.replace("\n", "\r\n", 1).encode(), {}),
    "blank last lines": ("f.csv", (CSV + "\n  \n\n").encode(), {}),
    "empty last row of a spreadsheet": ("f.csv", (CSV + ",,,,\n").encode(), {}),
    "trailing delimiter": ("f.csv", CSV.replace("\n", ",\n").encode(), {}),
    "every value in quotes": ("f.csv", QUOTED.encode(), {}),
    "gzip": ("f.csv.gz", gzip.compress(CSV.encode()), {}),
    "latin-1": ("f.csv", CSV.encode("latin-1"), {"encoding": "latin-1"}),
    "utf-16": ("f.csv", CSV.encode("utf-16"), {"encoding": "utf-16"}),
    "EBCDIC": ("f.csv", CSV.encode("cp500"), {"encoding": "cp500"}),
    "semicolon and decimal comma": (
        "f.csv",
        as_csv([r | {"rate": r["rate"].replace(".", ",")} for r in ROWS], ";").encode(),
        {"delimiter": ";", "decimal": ",", "thousands": "."},
    ),
    "German dates": (
        "f.csv",
        CSV.replace("2025-01-02", "02.01.2025").replace("2025-01-03", "03.01.2025").encode(),
        {"date_format": "%d.%m.%Y"},
    ),
    "midnight instead of a date": ("f.csv", CSV.replace("-02,", "-02 00:00:00,").encode(), {}),
    "columns in another order and one more": (
        "f.csv",
        as_csv([{"extra": "x"} | dict(reversed(r.items())) for r in ROWS]).encode(),
        {},
    ),
    "text Parquet": ("f.parquet", _parquet({k: [r[k] for r in ROWS] for k in FX}), {}),
    "typed Parquet": ("f.parquet", _parquet(TYPED), {}),
    "timestamps for dates in Parquet": (
        "f.parquet",
        _parquet(TYPED | {"rate_date": [datetime(2025, 1, 2), datetime(2025, 1, 3)]}),
        {},
    ),
    "JSON lines": ("f.jsonl", JSONL.encode(), {}),
    "JSON lines with numbers and an empty line": (
        "f.jsonl",
        JSONL.replace('"1.1"', "1.1").replace("\n", "\n\n").encode() + b"\n",
        {},
    ),
    "xlsx with typed cells": ("f.xlsx", _xlsx([*CELLS, [None] * 5, [""]]), {}),
}


@pytest.mark.parametrize("delivery", DELIVERIES.values(), ids=DELIVERIES.keys())
def test_every_way_of_writing_lands_as_the_same_rows(settings, landed, query, delivery):
    name, content, manifest = delivery
    kind = name.removesuffix(".gz").rpartition(".")[2]
    write_batch(settings.landing_dir, "B1", {name: content}, 2, format=kind, **manifest)
    report = landed()
    assert not report.problems
    assert report.accepted_rows == 2
    assert query(SELECT) == LANDED


def test_typed_parquet_becomes_canonical_text(settings, landed, query):
    content = _parquet(
        {
            "account_id": ["A1"],
            "name": ["x"],
            "is_key_account": [True],
            "is_strategic": [False],
            "status": ["ACTIVE"],
            "created_date": [None],
        }
    )
    write_batch(
        settings.landing_dir, "B1", {"a.parquet": content}, 1, "crm", "account", format="parquet"
    )
    cases = {
        "case_id": ["1"],
        "category": ["LATE"],
        "opened_at": pa.array([datetime(2025, 1, 1, 12)], pa.timestamp("us", "Europe/Berlin")),
        "closed_at": [datetime(2025, 1, 1, 12, 0, 0, 500000)],
        "severity": [2.0],
        "handle_minutes": [Decimal("12.50")],
    }
    write_batch(
        settings.landing_dir,
        "B1",
        {"c.parquet": _parquet(cases)},
        1,
        "crm",
        "case",
        format="parquet",
    )
    assert not landed().problems
    assert query("select is_key_account, is_strategic, created_date from raw.crm__account") == [
        ("true", "false", None)
    ]
    assert query("select opened_at, closed_at, severity, handle_minutes from raw.crm__case") == [
        ("2025-01-01T12:00:00Z", "2025-01-01T12:00:00.5Z", "2", "12.50")
    ]


def test_booleans_of_other_systems_become_true_and_false(settings, landed, query):
    rows = [
        {
            "account_id": str(n),
            "name": "x",
            "is_key_account": text,
            "is_strategic": "false",
            "status": "A",
        }
        for n, text in enumerate(["TRUE", "1", "y", "No", "0", "F"])
    ]
    write_batch(settings.landing_dir, "B1", as_csv(rows), system="crm", feed="account")
    assert not landed().problems
    found = query("select is_key_account from raw.crm__account order by _source_row")
    assert [text for (text,) in found] == ["true", "true", "true", "false", "false", "false"]


def test_quoted_line_breaks_stay_in_the_value(settings, landed, query):
    text = 'account_id,name,is_key_account,is_strategic,status\n1,"two\nlines",true,false,A\n'
    write_batch(settings.landing_dir, "B1", text, 1, system="crm", feed="account")
    assert not landed().problems
    assert query("select name, _source_row from raw.crm__account") == [("two\nlines", 2)]


def test_declared_null_text_is_null(settings, landed, query):
    rows = [
        {
            "account_id": "1",
            "name": "x",
            "is_key_account": "true",
            "is_strategic": "true",
            "status": "A",
            "created_date": "NULL",
            "tier_crm": "n/a",
        }
    ]
    write_batch(
        settings.landing_dir,
        "B1",
        as_csv(rows),
        system="crm",
        feed="account",
        null_text=["NULL", "n/a"],
    )
    assert landed().accepted_rows == 1
    assert query("select created_date, tier_crm from raw.crm__account") == [(None, None)]


def test_operation_column_is_kept(settings, landed, query):
    write_batch(settings.landing_dir, "B1", as_csv([FX | {"_op": "d"}]))
    assert not landed().problems
    assert query("select _op from raw.erp__fx_rate") == [("D",)]


def test_files_of_one_batch_land_together(settings, landed, query):
    files = {"a.csv": as_csv(ROWS[:1]).encode(), "b.csv": as_csv(ROWS[1:]).encode()}
    write_batch(settings.landing_dir, "B1", files, control_totals={"rate": "2.35"})
    assert not landed().problems
    assert query("select _source_file, _source_row, rate from raw.erp__fx_rate") == [
        ("a.csv", 2, "1.1"),
        ("b.csv", 2, "1.25"),
    ]


def test_batch_without_files_lands_as_no_rows(settings, landed, query):
    write_batch(
        settings.landing_dir,
        "B1",
        {},
        mode="DELTA",
        window_from="2025-01-01",
        window_to="2025-01-02",
    )
    assert not landed().problems
    assert query("select count(*) from raw.erp__fx_rate") == [(0,)]
    assert query("select status, is_active, raw_rows from raw.batch") == [("accepted", True, 0)]
