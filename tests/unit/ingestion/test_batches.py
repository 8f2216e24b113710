"""A batch is taken whole and once, waits while it is incomplete, or is held with a reason."""

import json
import os
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from ingestion_batches import FX, as_csv, write_batch

from dagster_project.ingestion import Column, load_contracts, register_raw

CSV = as_csv([FX, FX | {"rate_date": "2025-01-03"}])
OTHER = as_csv([FX | {"rate": "2"}])
WINDOW = {"mode": "DELTA", "window_from": "2025-01-31", "window_to": "2025-02-01"}


def _age(folder: Path) -> None:
    """Make files look as if they had arrived long ago."""
    for path in folder.iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))


def _edit(folder: Path, **fields: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def _only_reason(report) -> tuple[str, str]:
    assert len(report.problems) == 1
    return report.problems[0].status, report.problems[0].reason


def test_good_batch_is_accepted_and_active(settings, landed, query):
    write_batch(settings.landing_dir, "B1", CSV, control_totals={"rate": "2.20"})
    report = landed()
    assert (report.taken, report.accepted_rows, report.problems) == (1, 2, [])
    assert query("select status, is_active, raw_rows, source_system from raw.batch") == [
        ("accepted", True, 2, "erp")
    ]


@pytest.mark.parametrize(
    ("rows", "repeated"),
    [
        ([FX, FX | {"rate_date": "2025-01-03"}], 0),
        ([FX, FX | {"rate": "1.2"}, FX | {"rate": "1.3"}], 2),
        ([FX | {"_op": "I"}, FX | {"_op": "U"}], 0),
        ([FX | {"_op": "U"}, FX | {"_op": "U"}], 1),
        ([FX, FX | {"rate": "x"}], 0),
    ],
    ids=["other day", "twice more", "inserted then updated", "updated twice", "in quarantine"],
)
def test_accepted_rows_that_repeat_a_key_are_counted(settings, landed, query, rows, repeated):
    files = {f"{number}.csv": as_csv([row]).encode() for number, row in enumerate(rows)}
    write_batch(settings.landing_dir, "B1", files)
    landed()
    assert query("select duplicate_key_rows from raw.batch") == [(repeated,)]


def test_second_run_does_nothing(settings, landed):
    write_batch(settings.landing_dir, "B1", CSV)
    landed()
    again = landed()
    assert (again.taken, again.feeds[0].unchanged) == (0, 1)


def test_same_delta_under_another_id_is_skipped_and_counted(settings, landed, query):
    write_batch(settings.landing_dir, "B1", CSV, **WINDOW)
    write_batch(settings.landing_dir, "B2", CSV, **WINDOW)
    report = landed()
    assert (report.taken, report.feeds[0].duplicate) == (1, 1)
    assert query("select batch_id, status, is_active from raw.batch order by 1") == [
        ("B1", "accepted", True),
        ("B2", "duplicate", False),
    ]


def test_empty_deltas_of_two_windows_are_no_duplicates(settings, landed, query):
    header = CSV.splitlines()[0] + "\n"
    write_batch(settings.landing_dir, "B1", header, **WINDOW)
    next_day = {"window_from": "2025-02-01", "window_to": "2025-02-02"}
    write_batch(settings.landing_dir, "B2", header, **WINDOW | next_day)
    landed()
    assert query("select count(*) from raw.batch where is_active") == [(2,)]


def test_same_full_extract_again_is_a_duplicate_unless_something_came_between(
    settings, landed, query
):
    for number, content in enumerate([CSV, CSV, OTHER, CSV], start=1):
        write_batch(settings.landing_dir, f"B{number}", content, extracted_at=f"2025-02-0{number}")
    landed()
    assert query("select status, is_active, inactive_reason from raw.batch order by batch_id") == [
        ("accepted", False, "replaced_by_full"),
        ("duplicate", False, None),
        ("accepted", False, "replaced_by_full"),
        ("accepted", True, None),
    ]


def test_correction_deactivates_the_older_batch_and_takes_its_place_in_time(
    settings, landed, query
):
    write_batch(settings.landing_dir, "B1", CSV)
    write_batch(
        settings.landing_dir, "B2", OTHER, extracted_at="2025-03-01", supersedes_batch_id="B1"
    )
    landed()
    assert query("select rate, cast(_known_at as date)::varchar from raw.erp__fx_rate") == [
        ("2", "2025-01-31")
    ]
    assert query("select inactive_reason from raw.batch where batch_id = 'B1'") == [("superseded",)]


def test_correction_of_a_held_batch_clears_the_problem(settings, landed):
    write_batch(settings.landing_dir, "B1", CSV, control_totals={"rate": "9"})
    assert landed().problems
    write_batch(settings.landing_dir, "B2", CSV, supersedes_batch_id="B1")
    assert not landed().problems


def test_full_of_one_source_system_leaves_the_other_alone(settings, landed, query):
    write_batch(settings.landing_dir, "B1", CSV, source_system="plant_1")
    write_batch(
        settings.landing_dir, "B2", OTHER, source_system="plant_2", extracted_at="2025-03-01"
    )
    landed()
    assert query("select count(*) from raw.batch where is_active") == [(2,)]


def test_batch_without_manifest_waits_and_is_taken_when_it_comes(settings, landed):
    folder = write_batch(settings.landing_dir, "B1", CSV)
    manifest = (folder / "manifest.json").read_text()
    (folder / "manifest.json").unlink()
    assert _only_reason(landed()) == ("waiting", "manifest.json has not arrived")
    (folder / "manifest.json").write_text(manifest)
    assert landed().taken == 1


def test_batch_with_a_missing_file_waits(settings, landed):
    folder = write_batch(settings.landing_dir, "B1", CSV)
    (folder / "fx_rate.csv").unlink()
    assert _only_reason(landed()) == ("waiting", "file fx_rate.csv has not arrived")


def test_file_that_is_still_growing_waits_and_one_that_stopped_is_held(settings, landed):
    folder = write_batch(settings.landing_dir, "B1", CSV)
    (folder / "fx_rate.csv").write_text(CSV[:-20])
    assert _only_reason(landed())[0] == "waiting"
    _age(folder)
    status, reason = _only_reason(landed())
    assert (status, reason[:21]) == ("held", "sha256 of fx_rate.csv")
    (folder / "fx_rate.csv").write_text(CSV)
    assert landed().taken == 1


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"row_count": 7}, "row_count: expected the sum over its files, 2, found 7"),
        ({"control_totals": {"rate": "2.3"}}, "control total of rate: expected 2.3, found 2.2"),
        ({"control_totals": {"x": "1"}}, "control_totals: expected columns of the feed, found x"),
        ({"control_totals": {"rate": "one"}}, "control_totals.rate: expected a decimal as text"),
        ({"mode": "DELTA"}, "window_from and window_to: expected a window for mode DELTA"),
        ({"mode": "ALL"}, "mode: expected one of FULL, DELTA, found 'ALL'"),
        ({"feed": "site"}, "feed: expected 'fx_rate' as its folder says, found 'site'"),
        ({"system": "crm"}, "system: expected 'erp' as its folder says, found 'crm'"),
        ({"batch_id": "../../B1"}, "batch_id: expected a name of letters, digits and ._=+@-"),
        ({"batch_id": "B2"}, "batch_id: expected 'B1' as its folder says, found 'B2'"),
        ({"extracted_at": "yesterday"}, "extracted_at: expected an ISO 8601 timestamp"),
        ({"schema_version": "2"}, "schema_version: expected '1', found '2'"),
        ({"supersedes_batch_id": "B1"}, "supersedes_batch_id: expected another batch"),
        ({"encoding": "klingon"}, "encoding: expected a text encoding that Python knows"),
        ({"encoding": "hex"}, "encoding: expected a text encoding that Python knows"),
        ({"delimiter": "||"}, "delimiter: expected one character, found '||'"),
        ({"format": "xml"}, "format: expected one of csv, parquet, jsonl, xlsx, found 'xml'"),
        ({"format": "parquet"}, "fx_rate.csv: expected Parquet, found"),
        ({"format": "xlsx"}, "fx_rate.csv: expected an xlsx workbook, found"),
        ({"files": "fx_rate.csv"}, "files: expected a list of {name, row_count, sha256}"),
        ({"files": []}, "row_count: expected the sum over its files, 0, found 2"),
        (
            {"files": [{"name": "../fx_rate.csv", "row_count": 2, "sha256": "0" * 64}]},
            "files[0].name: expected a file name without a path, found '../fx_rate.csv'",
        ),
    ],
)
def test_wrong_manifest_holds_the_batch_naming_field_expected_and_found(
    settings, landed, fields, reason
):
    _edit(write_batch(settings.landing_dir, "B1", CSV), **fields)
    status, found = _only_reason(landed())
    assert status == "held"
    assert found.startswith(reason)
    assert not list(settings.raw_dir.glob("*/*/*"))


def test_manifest_that_is_not_json_waits_while_fresh_and_is_held_later(settings, landed):
    folder = write_batch(settings.landing_dir, "B1", CSV)
    (folder / "manifest.json").write_text('{"batch_id": ')
    assert _only_reason(landed())[0] == "waiting"
    _age(folder)
    assert _only_reason(landed())[0] == "held"


def test_file_with_other_rows_than_its_manifest_says_is_held(settings, landed):
    write_batch(settings.landing_dir, "B1", CSV, rows=3)
    assert _only_reason(landed()) == ("held", "row_count of fx_rate.csv: expected 3, found 2")


def test_missing_required_column_is_named_with_expected_and_found(settings, landed):
    write_batch(settings.landing_dir, "B1", CSV.replace("rate_type", "kind"))
    assert _only_reason(landed()) == (
        "held",
        "column rate_type: expected varchar, not null;"
        " found columns from_currency, to_currency, rate_date, kind, rate",
    )


def test_missing_nullable_column_is_filled_with_null_and_noted(settings, landed):
    text = "account_id,name,is_key_account,is_strategic,status,color\n1,x,true,true,A,red\n"
    write_batch(settings.landing_dir, "B1", text, system="crm", feed="account")
    report = landed()
    reasons = [note.reason for note in report.notes]
    assert report.accepted_rows == 1
    assert "column tier_crm is missing and was filled with null" in reasons
    assert "columns ignored: color" in reasons


def test_column_that_comes_twice_is_held(settings, landed):
    write_batch(settings.landing_dir, "B1", CSV.replace("rate_type", "rate"))
    assert _only_reason(landed())[1] == "column rate: expected once, found twice in fx_rate.csv"


def test_empty_file_is_held_when_rows_were_announced(settings, landed):
    write_batch(settings.landing_dir, "B1", b"", rows=2)
    assert _only_reason(landed())[1] == "fx_rate.csv: expected a header, found an empty file"


def test_unknown_feed_is_held_with_the_known_ones(settings, landed):
    write_batch(settings.landing_dir, "B1", CSV, feed="fx_rates")
    status, reason = _only_reason(landed())
    assert status == "held"
    assert "fx_rate," in reason
    assert "found 'erp.fx_rates'" in reason


def test_other_content_under_a_taken_id_is_held_until_it_is_withdrawn(settings, landed, query):
    write_batch(settings.landing_dir, "B1", CSV)
    landed()
    write_batch(settings.landing_dir, "B1", OTHER)
    report = landed()
    assert _only_reason(report)[1].startswith("batch_id: expected one that is not taken")
    assert query("select status, is_active from raw.batch order by 1") == [
        ("accepted", True),
        ("held", False),
    ]
    assert landed().problems
    write_batch(settings.landing_dir, "B1", CSV)
    assert not landed().problems


def test_column_added_to_the_contract_is_null_for_older_batches(settings, landed):
    write_batch(settings.landing_dir, "B1", CSV)
    landed()
    contracts = load_contracts()
    feed = contracts["erp", "fx_rate"]
    added = Column("provider", "varchar", nullable=True)
    contracts["erp", "fx_rate"] = replace(feed, columns=(*feed.columns, added))
    with duckdb.connect() as con:
        register_raw(con, settings, contracts, None)
        found = con.execute("select rate, provider from raw.erp__fx_rate").fetchall()
    assert found == [("1.1", None), ("1.1", None)]


def test_delta_view_shows_what_became_active_or_inactive_since_the_last_build(settings, landed):
    write_batch(settings.landing_dir, "B1", CSV)
    write_batch(settings.landing_dir, "D1", OTHER, **WINDOW, extracted_at="2025-02-01")
    landed()
    with duckdb.connect() as con:
        built = register_raw(con, settings, load_contracts(), None)
        assert built == {"erp/fx_rate/B1", "erp/fx_rate/D1"}
        write_batch(settings.landing_dir, "B2", CSV.replace("1.1", "7"), supersedes_batch_id="B1")
        landed()
        register_raw(con, settings, load_contracts(), built)
        changed = con.execute(
            "select distinct _batch_id from raw.erp__fx_rate__delta order by 1"
        ).fetchall()
    assert changed == [("B1",), ("B2",)]


def test_held_batch_is_taken_when_its_files_are_corrected_in_place(settings, landed):
    write_batch(settings.landing_dir, "B1", CSV, control_totals={"rate": "9"})
    assert landed().problems
    write_batch(settings.landing_dir, "B1", CSV)
    report = landed()
    assert (report.taken, report.problems) == (1, [])
