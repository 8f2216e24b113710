"""A row that breaks its contract is set aside with its place and reason; the rest lands."""

import json
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ingestion_batches import FX, as_csv, write_batch

GOOD = "EUR,USD,2025-01-02,M,1.1"
HEADER = "from_currency,to_currency,rate_date,rate_type,rate"
FOUND = "select source_line, column_name, value, reason from raw.quarantined_row order by all"


@pytest.mark.parametrize(
    ("line", "column", "value", "reason"),
    [
        pytest.param(
            "EUR,USD,2025-01-02,M,abc",
            "rate",
            "abc",
            "expected a number of type decimal(18,8), found 'abc'",
            id="number that is none",
        ),
        pytest.param(
            "EUR,USD,2025-02-30,M,1",
            "rate_date",
            "2025-02-30",
            "expected a date YYYY-MM-DD, found '2025-02-30'",
            id="day that does not exist",
        ),
        pytest.param(
            "EUR,USD,01/02/2025,M,1",
            "rate_date",
            "01/02/2025",
            "expected a date YYYY-MM-DD, found '01/02/2025'",
            id="date in a form that was not declared",
        ),
        pytest.param(
            ",USD,2025-01-02,M,1",
            "from_currency",
            None,
            "expected a value, found none",
            id="missing value",
        ),
        pytest.param(
            "EUR,USD,2025-01-02,Q,1",
            "rate_type",
            "Q",
            "expected one of M, P, C, E, found 'Q'",
            id="value that is not accepted",
        ),
        pytest.param(
            "EUR,USD,2025-01-02,M,0",
            "rate",
            "0",
            "expected more than 0, found '0'",
            id="value at the limit",
        ),
        pytest.param(
            "EUR,USD,2025-01-02",
            None,
            None,
            "wrong number of columns: expected 5, found 3",
            id="too few columns",
        ),
        pytest.param(
            "EUR,USD,2025-01-02,M,1,2,3",
            None,
            None,
            "wrong number of columns: expected 5, found 7",
            id="too many columns",
        ),
    ],
)
def test_broken_row_is_named_with_line_column_value_and_reason(
    settings, landed, query, line, column, value, reason
):
    write_batch(settings.landing_dir, "B1", "\n".join([HEADER, GOOD, line, GOOD, ""]))
    report = landed()
    assert (report.landed_rows, report.accepted_rows, report.quarantined_rows) == (3, 2, 1)
    assert (3, column, value, reason) in query(FOUND)
    assert query("select distinct raw_text from raw.quarantined_row") == [(line,)]
    assert query("select _source_row from raw.erp__fx_rate order by 1") == [(2,), (4,)]


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "utf-16-le"])
def test_bytes_that_cannot_be_decoded_cost_one_row(settings, landed, query, encoding):
    lines = [HEADER, GOOD, GOOD.replace("USD", "U@D"), GOOD, ""]
    broken = b"\x00\xd8" if encoding == "utf-16-le" else b"\xff"
    content = "\n".join(lines).encode(encoding).replace("@".encode(encoding), broken)
    write_batch(settings.landing_dir, "B1", content, 3, encoding=encoding)
    report = landed()
    assert not report.problems
    assert (report.accepted_rows, report.quarantined_rows) == (2, 1)
    assert query(FOUND) == [(3, "to_currency", None, "bytes that cannot be decoded")]


def test_line_is_the_one_an_editor_shows_after_quoted_line_breaks(settings, landed, query):
    lines = [
        "account_id,name,is_key_account,is_strategic,status",
        '1,"two\nlines",true,false,A',
        "",
        "2,short",
        "3,x,maybe,false,A",
        "4,x,true,false,A",
        "",
    ]
    write_batch(settings.landing_dir, "B1", "\n".join(lines), 4, system="crm", feed="account")
    assert landed().quarantined_rows == 2
    found = query("select source_line, source_row, raw_text from raw.quarantined_row order by 1")
    assert found == [(5, 3, "2,short"), (6, 4, "3,x,maybe,false,A")]
    assert query("select _source_row from raw.crm__account order by 1") == [(2,), (5,)]


def test_blanks_are_no_value_and_padding_is_no_fault(settings, landed, query):
    lines = [HEADER, "EUR ,USD, 2025-01-02,M  , 1.1 ", "   ,USD,2025-01-02,M,1", ""]
    write_batch(settings.landing_dir, "B1", "\n".join(lines))
    assert landed().accepted_rows == 1
    assert query(FOUND) == [(3, "from_currency", "   ", "expected a value, found none")]


def test_row_with_two_faults_counts_once_and_shows_both(settings, landed, query):
    write_batch(settings.landing_dir, "B1", f"{HEADER}\n,USD,2025-01-02,Q,1\n{GOOD}\n")
    assert landed().quarantined_rows == 1
    assert [column for _, column, *_ in query(FOUND)] == ["from_currency", "rate_type"]


def test_json_line_that_is_broken_is_quarantined_with_its_text(settings, landed, query):
    lines = [json.dumps(FX), '{"from_currency": ', json.dumps(FX | {"rate": "x"}), "[1]"]
    content = {"f.jsonl": "\n".join(lines).encode()}
    write_batch(settings.landing_dir, "B1", content, 4, format="jsonl")
    report = landed()
    assert (report.accepted_rows, report.quarantined_rows) == (1, 3)
    assert query("select source_line, reason, raw_text from raw.quarantined_row order by 1") == [
        (2, "not a JSON object", lines[1]),
        (3, "expected a number of type decimal(18,8), found 'x'", lines[2]),
        (4, "not a JSON object", lines[3]),
    ]


def test_parquet_row_is_quarantined_with_its_number(settings, landed, query):
    out = BytesIO()
    pq.write_table(
        pa.table({name: [text, text] for name, text in FX.items()} | {"rate": [1.5, float("nan")]}),
        out,
    )
    write_batch(settings.landing_dir, "B1", {"f.parquet": out.getvalue()}, 2, format="parquet")
    assert landed().quarantined_rows == 1
    assert query("select source_row, column_name, value from raw.quarantined_row") == [
        (2, "rate", "nan")
    ]


def test_decimal_point_is_refused_where_a_comma_was_declared(settings, landed, query):
    text = as_csv([FX, FX | {"rate": "1,1"}], ";")
    write_batch(settings.landing_dir, "B1", text, delimiter=";", decimal=",")
    assert landed().quarantined_rows == 1
    assert query("select rate from raw.erp__fx_rate") == [("1.1",)]


def test_unreadable_control_value_is_quarantined_and_noted_not_held(settings, landed):
    write_batch(
        settings.landing_dir,
        "B1",
        f"{HEADER}\n{GOOD}\nEUR,USD,2025-01-02,M,x\n",
        control_totals={"rate": "2.1"},
    )
    report = landed()
    assert report.quarantined_rows == 1
    assert "could not be compared" in report.notes[0].reason


def test_file_in_which_every_row_is_broken_is_taken_with_no_rows(settings, landed, query):
    write_batch(settings.landing_dir, "B1", f"{HEADER}\nEUR,USD,x,M,1\n")
    report = landed()
    assert (report.taken, report.accepted_rows, report.quarantined_rows) == (1, 0, 1)
    assert query("select raw_rows, is_active from raw.batch") == [(0, True)]
