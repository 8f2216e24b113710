"""Each planted fault changes what it says and nothing else, and its cure undoes it."""

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from simulated_company import Company, fingerprints, load_company

from dagster_project.simulator import PLANTS, simulate
from dagster_project.simulator.plants import plant_faults


def planted(company: Company, folder: Path, name: str) -> dict[str, Any]:
    """Copy a clean company and plant one fault in the copy."""
    shutil.copytree(company.folder, folder)
    (record,) = plant_faults(duckdb.connect(), folder, [name])
    return record


def batch_of(path: str) -> str:
    return Path(path).parent.name


@pytest.mark.parametrize("name", PLANTS)
def test_a_fault_touches_only_the_batches_it_names(
    company: Company, tmp_path: Path, name: str
) -> None:
    record = planted(company, tmp_path / "out", name)
    before, after = fingerprints(company.folder), fingerprints(tmp_path / "out")
    changed = {
        batch_of(path)
        for path in before.keys() | after.keys()
        if before.get(path) != after.get(path) and not path.startswith("cure/")
    }
    named = {victim["batch_id"] for victim in record["batches"]}
    assert named <= changed
    # A stale master takes the place of the fresh one, which is its cure.
    assert changed <= named | set(record["cures"])
    assert record["control"] == PLANTS[name].control


@pytest.mark.parametrize("name", [name for name, plant in PLANTS.items() if plant.control])
def test_the_cure_delivers_the_files_of_the_clean_company(
    company: Company, tmp_path: Path, name: str
) -> None:
    record = planted(company, tmp_path / "out", name)
    clean = {
        (batch_of(path), Path(path).name): sha
        for path, sha in fingerprints(company.folder / "landing").items()
    }
    cured = list((tmp_path / "out" / "cure").glob("*/*/*/manifest.json"))
    assert sorted(path.parent.name for path in cured) == sorted(record["cures"])
    for path in cured:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        superseded = manifest.get("supersedes_batch_id")
        for file in manifest["files"]:
            sha = clean[superseded or manifest["batch_id"], file["name"]]
            assert fingerprints(path.parent)[file["name"]] == file["sha256"] == sha
        if superseded:
            assert superseded in {victim["batch_id"] for victim in record["batches"]}


def test_faults_are_recorded_in_the_truth_and_go_together(tmp_path: Path) -> None:
    truth = simulate("XS", 7, tmp_path / "out", plant=list(PLANTS))
    assert [fault["name"] for fault in truth["faults"]] == list(PLANTS)
    assert {fault["control"] for fault in truth["faults"]} == {
        plant.control for plant in PLANTS.values()
    }
    assert all(fault["batches"] for fault in truth["faults"])


def faulty(company: Company, tmp_path: Path, name: str) -> tuple[Company, dict[str, Any]]:
    record = planted(company, tmp_path / "out", name)
    return load_company(tmp_path / "out", company.truth), record["details"]


def test_missing_invoice_line_is_in_the_ledger_only(company: Company, tmp_path: Path) -> None:
    after, details = faulty(company, tmp_path, "missing_invoice_line")
    gone = company.value("select sum(net_amount) from erp__invoice_line") - after.value(
        "select sum(net_amount) from erp__invoice_line"
    )
    assert str(gone) == details["net"]
    assert gone > 1000


def test_missing_rate_hits_only_a_day_without_orders(company: Company, tmp_path: Path) -> None:
    after, details = faulty(company, tmp_path, "missing_fx_rate")
    day = details["rate_date"]
    assert after.rows(f"from erp__sales_order where ordered_at::date = '{day}'") == []
    assert after.rows(f"from tms__freight_invoice where invoice_date = '{day}'") == []
    hit = after.rows(f"select distinct company_code from erp__invoice where posting_date = '{day}'")
    assert ("2000",) in hit
    removed = company.value("select count(*) from erp__fx_rate") - after.value(
        "select count(*) from erp__fx_rate"
    )
    assert removed == 1


def test_invented_rows_carry_no_money(company: Company, tmp_path: Path) -> None:
    after, details = faulty(company, tmp_path, "unknown_unit")
    (row,) = after.rows("select order_id, net_price from erp__sales_order_line where uom = 'XXX'")
    assert row == (details["order_id"], 0)


def test_leaked_invoice_is_booked_as_intercompany(company: Company, tmp_path: Path) -> None:
    after, details = faulty(company, tmp_path, "intercompany_leak")
    group = after.value(
        "select account_group from erp__customer inner join erp__invoice"
        " on customer_id = sold_to_customer_id"
        f" where invoice_id = '{details['invoice_id']}' and is_intercompany"
    )
    assert group != "INTERCOMPANY"
    query = "select sum(amount_local) from finance__gl_balance where account = '4900'"
    assert after.value(query) - company.value(query) == 5000


def test_overshipment_exceeds_what_was_ordered(company: Company, tmp_path: Path) -> None:
    after, details = faulty(company, tmp_path, "overshipment")
    shipped = after.value(
        "select sum(shipped_qty) from wms__shipment_line where order_id ="
        f" '{details['order_id']}' and order_line_no = {details['line_no']} and line_no = 99"
    )
    ordered = after.value(
        "select max(ordered_qty) from erp__sales_order_line where order_id ="
        f" '{details['order_id']}' and line_no = {details['line_no']}"
    )
    assert shipped > 4 * ordered
