"""A difference with the books holds the release until it is cured, explained or waived."""

import json
from decimal import Decimal

import duckdb
import pytest
from pipeline_company import Company, company

from dagster_project.errors import RedError, UsageError
from dagster_project.governance import DecisionStore, Entry

R02 = "company=1000|period={period}|line=REBATE"


def fault(one: Company) -> dict[str, str]:
    truth = json.loads((one.extracts / "truth.json").read_text(encoding="utf-8"))
    return truth["faults"][0]["details"]


def rows(one: Company, control_id: str) -> list[dict]:
    """Return what is not green of a control."""
    con = duckdb.connect(str(one.settings.warehouse_path), read_only=True)
    found = con.execute(
        "select * from marts.fct_control_result where status <> 'PASS' and control_id = ?"
        " order by dimension",
        [control_id],
    )
    names = [column[0] for column in found.description]
    listed = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    con.close()
    return listed


def receipt(one: Company) -> dict:
    (newest,) = sorted(one.settings.receipts_dir.glob("*.json"), key=lambda p: p.stat().st_mtime)[
        -1:
    ]
    return json.loads(newest.read_text(encoding="utf-8"))


def decide(one: Company, kind: str, role: str, **payload: str) -> None:
    entry = Entry(kind, "x", "anna", role, "the journal of the year's bonus", payload)
    DecisionStore(one.settings.decisions_url).append(entry)


def test_a_deleted_invoice_line_is_named_by_company_period_and_account_and_holds(tmp_path):
    sick = company(tmp_path, plant=("missing_invoice_line",))
    sick.land()
    report = sick.judge()
    assert "R-01" in report.red_controls
    lines = duckdb.connect()
    files = sick.extracts / "cure" / "erp" / "invoice_line"
    heads = sick.extracts / "landing" / "erp" / "invoice"
    account, net = lines.execute(
        f"select gl_account, net_amount from read_csv('{files}/*/*.csv', all_varchar = true)"
        " where invoice_id = $invoice_id and line_no = $line_no::varchar",
        {name: fault(sick)[name] for name in ("invoice_id", "line_no")},
    ).fetchone()
    posted, currency = lines.execute(
        "select distinct company_code || '|' || fiscal_period_id, currency"
        f" from read_csv('{heads}/*/*.csv', all_varchar = true) where invoice_id = ?",
        [fault(sick)["invoice_id"]],
    ).fetchone()
    total, place = rows(sick, "R-01")
    assert place["status"] == total["status"] == "FAIL"
    assert total["dimension"].endswith("documents=lines"), "the document that lost a line"
    assert f"{place['company_code']}|{place['fiscal_period_id']}" == posted
    assert place["dimension"].endswith(f"account={account}")
    assert currency != "EUR" or abs(place["difference"]) == abs(Decimal(net))
    assert (place["owner"], place["age_days"] > 0) == ("controlling", True)
    with pytest.raises(RedError, match="HELD"):
        sick.publish()
    assert receipt(sick)["publication_status"] == "HELD"
    assert sick.current() is None


@pytest.mark.further
def test_a_red_control_is_published_when_it_is_waived_or_explained_and_the_release_says_so(
    tmp_path,
):
    sick = company(tmp_path, plant=("rebate_posted_by_hand",))
    sick.land()
    assert sick.judge().red_controls == ["R-02"]
    period = fault(sick)["fiscal_period_id"]
    (found,) = rows(sick, "R-02")
    assert found["dimension"] == R02.format(period=period)

    waiver = {"control_id": "R-02", "expires_on": "2026-01-31"}
    with pytest.raises(UsageError, match="may not"):
        decide(sick, "release_waiver", "sales_ops", fiscal_period=period, **waiver)
    decide(sick, "release_waiver", "finance", fiscal_period="2024-01", **waiver)
    assert sick.judge().red_controls == ["R-02"], "the waiver of another period"
    decide(sick, "release_waiver", "finance", fiscal_period=period, **waiver)
    report = sick.judge()
    assert report.passed
    assert {r.control_id for r in report.results if r.status == "WAIVED"} == {"R-02"}
    released = sick.publish()
    manifest = json.loads((released.path / "manifest.json").read_text(encoding="utf-8"))
    (printed,) = manifest["waivers"]
    assert (printed["control_id"], printed["fiscal_period_id"]) == ("R-02", period)
    assert (printed["waived_by"], printed["expires_on"]) == ("anna", "2026-01-31")
    assert "Waived" in (released.path / "gates" / "index.html").read_text(encoding="utf-8")

    explanation = {
        "control_id": "R-02",
        "company_code": "1000",
        "fiscal_period": period,
        "dimension": found["dimension"],
        "reason_code": "manual_journal",
        "evidence": "journal 4711",
    }
    decide(sick, "reconciliation_explanation", "finance", amount="-2000", **explanation)
    sick.build()
    (half,) = rows(sick, "R-02")
    assert (half["status"], half["explained_amount"]) == ("FAIL", -2000)
    decide(sick, "reconciliation_explanation", "finance", amount="-3000", **explanation)
    report = sick.judge()
    assert report.passed
    assert {r.status for r in report.results if r.control_id == "R-02"} == {"PASS"}
    released = sick.publish()
    manifest = json.loads((released.path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["waivers"] == [], "what is explained needs no waiver"
    (printed,) = manifest["explanations"]
    assert (printed["explained_by"], printed["evidence"]) == ("anna", "journal 4711")
    assert printed["reasons"] == "manual_journal"
