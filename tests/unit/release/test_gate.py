"""The gate opens for a plausible build and closes for every fault, also its own."""

import json

import duckdb
import pytest
from release_home import CONTROLS, make_build, write_description

from dagster_project.errors import LockedError, UsageError
from dagster_project.release import gate, gates
from dagster_project.release.suites import outline


def _receipt(settings, build_id="b1"):
    return json.loads((settings.receipts_dir / f"{build_id}.json").read_text())


def _only_red(report):
    assert not report.passed
    assert len(report.failed) == 1, [r.name for r in report.failed]
    return report.failed[0]


def test_plausible_build_opens_the_gate_and_gets_a_receipt(built, suites):
    report = gate(built, suites_dir=suites)
    assert report.passed
    assert report.count("PASS") == len(report.results)
    receipt = _receipt(built)
    assert receipt["green"]
    assert receipt["tables"]["fct_order_line"]["rows"] == 500
    assert receipt["feeds"]["erp.invoice"]["data_through"].startswith("2026-01-01")


def test_fingerprint_of_the_tables_does_not_depend_on_the_file(built, suites):
    gate(built, suites_dir=suites)
    first = _receipt(built)["tables"]
    make_build(built)
    gate(built, suites_dir=suites)
    assert _receipt(built)["tables"] == first


def test_failing_control_is_red_with_value_and_rows(built, suites, tamper):
    tamper("update marts.fct_control_result set status = 'FAIL' where control_id = 'R-01'")
    found = _only_red(gate(built, suites_dir=suites))
    assert found.control_id == "R-01"
    assert found.observed == "1"
    assert found.sample[0]["detail"] == "agrees"
    assert not _receipt(built)["green"]


def test_medium_severity_warns_and_does_not_block(built, suites):
    text = (suites / "fct_order_line.py").read_text()
    text = text.replace('"HIGH"', '"MEDIUM"').replace("min_value=1,", "min_value=10**9,")
    (suites / "fct_order_line.py").write_text(text)
    report = gate(built, suites_dir=suites)
    assert report.passed
    assert [r.name for r in report.results if r.status == "WARN"] == ["something_was_sold"]


@pytest.mark.parametrize(
    ("sql", "control"),
    [
        pytest.param(
            "delete from marts.fct_control_result where control_id = 'R-01'",
            "R-01",
            id="control not evaluated",
        ),
        pytest.param(
            "update marts.fct_control_result set status = null where control_id = 'R-01'",
            "R-01",
            id="status unknown",
        ),
        pytest.param(
            "update marts.fct_control_result set status = 'NO_DATA' where control_id = 'R-01'",
            "R-01",
            id="no data although the ledger was delivered",
        ),
        pytest.param(
            "update marts.fct_control_result set status = 'NO_DATA' where control_id = 'R-12'",
            "R-12",
            id="no data in a control that needs no optional feed",
        ),
        pytest.param(
            "insert into marts.fct_control_result"
            " select * replace ('R-99' as control_id) from marts.fct_control_result limit 1",
            "R-99",
            id="control that no suite judges",
        ),
        pytest.param(
            "update marts.fct_order_line set net_amount = 0", None, id="expectation not met"
        ),
    ],
)
def test_known_fault_turns_exactly_one_result_red(built, suites, tamper, sql, control):
    tamper(sql)
    assert _only_red(gate(built, suites_dir=suites)).control_id == control


def test_no_data_is_neither_green_nor_blocking_while_the_feed_was_never_delivered(
    built, suites, tamper
):
    tamper("delete from raw.batch where feed = 'gl_balance'")
    tamper("update marts.fct_control_result set status = 'NO_DATA' where control_id = 'R-01'")
    report = gate(built, suites_dir=suites)
    assert report.passed
    assert {r.control_id for r in report.results if r.status == "NO_DATA"} == {"R-01"}


WAIVE = (
    "update marts.fct_control_result set waived_by = 'fay', waiver_reason = 'ledger is late',"
    " waiver_expires_date = '2026-01-15', fiscal_period_id = '2025-12' where control_id = 'R-01'"
)


def test_waived_control_opens_the_gate_and_is_named_in_the_receipt(built, suites, tamper):
    tamper("update marts.fct_control_result set status = 'FAIL' where control_id = 'R-01'")
    tamper(WAIVE)
    report = gate(built, suites_dir=suites)
    assert report.passed
    assert report.red_controls == []
    assert {r.control_id for r in report.results if r.status == "WAIVED"} == {"R-01"}
    (waiver,) = _receipt(built)["gate"]["waivers"]
    assert (waiver["control_id"], waiver["fiscal_period_id"]) == ("R-01", "2025-12")
    assert (waiver["waived_by"], waiver["reason"]) == ("fay", "ledger is late")
    assert waiver["expires_on"] == "2026-01-15"


def test_waiver_of_one_row_does_not_open_the_gate_for_another(built, suites, tamper):
    tamper("update marts.fct_control_result set status = 'FAIL' where control_id = 'R-01'")
    tamper(WAIVE)
    tamper(
        "insert into marts.fct_control_result select * replace ('other' as dimension,"
        " null as waived_by) from marts.fct_control_result where control_id = 'R-01'"
    )
    found = _only_red(gate(built, suites_dir=suites))
    assert (found.control_id, found.observed) == ("R-01", "1")


def test_silent_control_that_is_waived_opens_the_gate(built, suites, tamper):
    tamper("update marts.fct_control_result set status = 'NO_DATA' where control_id = 'R-01'")
    tamper(WAIVE)
    assert gate(built, suites_dir=suites).passed


@pytest.mark.parametrize(("status", "shown"), [("EXPLAINED", "PASS"), ("WARN", "WARN")])
def test_explained_and_listed_differences_do_not_block(built, suites, tamper, status, shown):
    tamper(
        f"update marts.fct_control_result set status = '{status}', explained_amount = 4,"
        " explained_by = 'anna', explained_evidence = 'journal 7' where control_id = 'R-01'"
    )
    report = gate(built, suites_dir=suites)
    assert report.passed
    assert {r.status for r in report.results if r.control_id == "R-01"} == {shown}
    explained = _receipt(built)["gate"]["explanations"]
    assert [row["explained_by"] for row in explained] == ["anna"] * (status == "EXPLAINED")


def test_no_data_is_excused_while_the_ledger_has_none_of_the_accounts(built, suites, tamper):
    (suites / "accounts.py").write_text(
        "from dagster_project.release.suites import control\n"
        "TABLE = 'marts.fct_control_result'\n"
        "EXPECTATIONS = [*control('R-02', severity='HIGH', why='Books.',"
        " needs=('finance.gl_balance',), needs_accounts=('REBATE',))]"
    )
    text = (suites / "controls.py").read_text().splitlines()
    (suites / "controls.py").write_text("\n".join(t for t in text if "R-02" not in t))
    tamper("update marts.fct_control_result set status = 'NO_DATA' where control_id = 'R-02'")
    tamper(
        "create schema staging; create table staging.stg_finance__gl_account_map as"
        " select '4000' as account, 'REVENUE' as statement_line"
    )
    assert gate(built, suites_dir=suites).passed
    tamper("insert into staging.stg_finance__gl_account_map values ('4200', 'REBATE')")
    assert _only_red(gate(built, suites_dir=suites)).name == "r_02_was_evaluated"


def test_empty_table_is_red_where_its_feeds_were_delivered_and_no_data_where_not(
    built, suites, tamper
):
    with (suites / "fct_order_line.py").open("a") as handle:
        handle.write('NEEDS = ("erp.invoice",)\n')
    tamper("delete from marts.fct_order_line")
    assert "has_rows" in [r.name for r in gate(built, suites_dir=suites).failed]
    tamper("delete from raw.batch where feed = 'invoice'")
    report = gate(built, suites_dir=suites)
    assert report.passed
    assert {r.status for r in report.results if r.suite == "fct_order_line"} == {"NO_DATA"}


@pytest.mark.parametrize(
    ("source", "name"),
    [
        pytest.param("TABLE = 'marts.dim_customer'\nEXPECTATIONS = []", "suite_is_not_empty"),
        pytest.param("raise RuntimeError('boom')", "suite_runs"),
        pytest.param("import a_module_that_is_gone", "suite_runs"),
        pytest.param("TABLE = 'marts.dim_customer'", "suite_runs", id="no expectation list"),
        pytest.param("TABLE = 'marts.dim_customer'\nEXPECTATIONS = [1]", "suite_runs"),
        pytest.param(
            "from great_expectations import expectations as gxe\n"
            "TABLE = 'marts.dim_customer'\n"
            "EXPECTATIONS = [gxe.ExpectColumnValuesToNotBeNull(column='customer_id')]",
            "suite_runs",
            id="expectation without a reason",
        ),
        pytest.param(
            "from great_expectations import expectations as gxe\n"
            "TABLE = 'marts.dim_customer'\n"
            "EXPECTATIONS = [gxe.ExpectColumnValuesToNotBeNull(column='gone',"
            " meta={'name': 'x', 'why': 'y', 'severity': 'HIGH'})]",
            "x",
            id="column that does not exist",
        ),
    ],
)
def test_broken_suite_closes_the_gate(built, suites, source, name):
    (suites / "broken.py").write_text(source)
    found = _only_red(gate(built, suites_dir=suites))
    assert (found.suite, found.name) == ("broken", name)


def test_missing_table_closes_the_gate(built, suites, tamper):
    tamper("drop table marts.fct_order_line")
    report = gate(built, suites_dir=suites)
    assert {r.suite for r in report.failed} == {"fct_order_line"}


def test_missing_control_table_closes_the_gate(built, suites, tamper):
    tamper("drop table marts.fct_control_result")
    assert len(gate(built, suites_dir=suites).red_controls) == len(CONTROLS)


def test_no_suites_at_all_close_the_gate(built, tmp_path):
    assert gate(built, suites_dir=tmp_path / "none").failed[0].name == "suites_exist"


def test_unanswered_expectation_closes_the_gate(built, suites, monkeypatch):
    from dagster_project.release.gx_duckdb import DuckDbSession

    monkeypatch.setattr(DuckDbSession, "validate", lambda *_: [])
    report = gate(built, suites_dir=suites)
    assert len(report.failed) == len(report.results) - 1  # all but dbt's own


@pytest.mark.parametrize(
    "dbt",
    [
        pytest.param([], id="no dbt test ran"),
        pytest.param(
            [{"unique_id": "test.tierline.a", "status": "fail", "message": "3 rows"}], id="fail"
        ),
        pytest.param(
            [
                {"unique_id": "test.tierline.a", "status": "pass", "message": None},
                {"unique_id": "test.tierline.b", "status": "skipped", "message": None},
            ],
            id="a test was skipped",
        ),
    ],
)
def test_dbt_must_have_proved_the_rows(built, suites, dbt):
    write_description(built, "b1", "2025-12-31", dbt=dbt)
    assert {r.suite for r in gate(built, suites_dir=suites).failed} == {"dbt"}


def test_description_of_another_build_proves_nothing(built, suites):
    write_description(built, "b2", "2025-12-31")
    assert _only_red(gate(built, suites_dir=suites)).name == "dbt_tests_ran"


def test_unfinished_build_is_red_without_being_judged(built, suites, tamper):
    tamper("delete from state.build")
    report = gate(built, suites_dir=suites)
    assert "build_is_complete" in [r.name for r in report.failed]
    assert {r.suite for r in report.results} == {"dbt"}


def test_missing_list_of_batches_is_an_error_and_leaves_no_receipt(built, suites, tamper):
    tamper("drop table raw.batch")
    with pytest.raises(duckdb.Error):
        gate(built, suites_dir=suites)
    assert not built.receipts_dir.exists()


def test_nothing_built_is_a_usage_error(settings, suites):
    with pytest.raises(UsageError, match="tierline build"):
        gate(settings, suites_dir=suites)


def test_other_build_than_expected_is_a_usage_error(built, suites):
    with pytest.raises(UsageError, match="holds build b1"):
        gate(built, build_id="b7", suites_dir=suites)


def test_work_file_that_changes_under_the_gate_gets_no_verdict(built, suites, monkeypatch):
    stamps = iter([{"file_bytes": 1}, {"file_bytes": 2}])
    monkeypatch.setattr(gates, "stamp", lambda _: next(stamps))
    with pytest.raises(LockedError):
        gate(built, suites_dir=suites)
    assert not built.receipts_dir.exists()


def test_outline_names_every_expectation_that_runs(built):
    report = gate(built)
    ran: dict[str, set[str]] = {}
    for result in report.results:
        if result.suite not in ("dbt", "gate"):
            ran.setdefault(result.suite, set()).add(result.name)
    assert ran == {entry.suite: set(entry.names) for entry in outline()}
