"""Requests through the command line: handed in, decided, listed, in bulk, by a delegate."""

import json
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from dagster_project.cli.main import run

TODAY = datetime.now(UTC).date()
SOON = (TODAY + timedelta(days=20)).isoformat()
ASK = ["--effective", SOON, "--from", "S3", "--as", "anna", "--role", "sales", "--reason", "frame"]
OLA = ["--as", "ola", "--role", "segment_owner", "--reason", "agreed"]

MARTS = """
create schema marts;
use marts;
create table dim_customer as select * from (values
    ('C1', 'E1', 'P1', 'G1', null), ('C2', 'E2', 'P2', 'G1', 'C1'), ('C9', 'E1', 'P9', 'G1', 'C1')
) as t(customer_id, entity_id, party_key, group_id, parent_customer_id);
create table dim_customer_segment as select * from (values
    ('service', 'E1', 'S3', true), ('service', 'E2', 'S4', true)
) as t(scheme_id, entity_id, segment_code, is_current);
create table mart_customer_month as
    select 'E1' as entity_id, date '2026-01-01' as activity_month, 1500.00 as net_amount_group;
create table fct_order_line as select 'O1' as order_id, 'E1' as entity_id, false as is_cancelled,
    4.0 as open_base_qty, 10.0 as ordered_base_qty, 100.00 as net_amount_group,
    'ITEM' as line_role, timestamp '2026-02-10' as due_first_at;
create table mart_contract_floor as select 'E1' as entity_id, 'K-7' as contract_id,
    'S3' as segment_code, date '2026-01-01' as start_date, date '2099-01-01' as end_date,
    date '2026-01-01' as known_date;
create table dim_fiscal_period as select 'MONTH' as calendar_id, date '2026-01-01' as start_date,
    date '2026-02-01' as end_date, 'CLOSED' as status, timestamp '2026-02-03' as closed_at;
"""


def _json(capsys, *arguments: str) -> tuple[int, object]:
    code = run([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture
def release(home):
    """A release of the marts that requests ask."""
    folder = home / "releases" / "R1"
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "marts.duckdb")) as con:
        con.execute(MARTS)
    manifest = {"build_id": "b", "as_of": "2026-01-31", "published_at": "2026-02-01"}
    (folder / "manifest.json").write_text(json.dumps(manifest | {"tables": {}, "data_through": {}}))
    (home / "current").symlink_to("releases/R1")


def test_a_request_is_kept_decided_by_somebody_else_and_listed(capsys):
    code, kept = _json(capsys, "decide", "request", "E1", "S2", *ASK)
    assert code == 0
    name = kept["request_id"]
    assert kept["requests"][0]["state"] == "SUBMITTED"
    assert kept["requests"][0]["roles_needed"] == ["segment_owner", "finance"]
    assert _json(capsys, "decide", "approve", name, *OLA)[1][0]["state"] == "IN_REVIEW"
    fay = ["--as", "fay", "--role", "finance", "--reason", "pays for it"]
    assert _json(capsys, "decide", "approve", name, *fay)[1][0]["state"] == "APPROVED"
    assert _json(capsys, "decide", "requests") == (0, [])
    code, found = _json(capsys, "decide", "requests", "--all")
    assert [(one["request_id"], one["state"]) for one in found] == [(name, "APPROVED")]


def test_e47_an_own_request_is_not_approved_and_the_next_step_is_said(capsys):
    _, kept = _json(capsys, "decide", "request", "E1", "S2", *ASK)
    own = ["--as", "anna", "--role", "finance", "--reason", "me"]
    assert run(["decide", "approve", kept["request_id"], *own]) == 1
    said = " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert "anna submitted" in said
    assert "Let somebody else decide" in said
    assert _json(capsys, "decide", "list")[1][-1]["payload"]["outcome"] == "REFUSED"


def test_people_are_told_from_which_build_a_decision_counts(capsys):
    assert run(["decide", "request", "E1", "S2", *ASK]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "counts from the build whose logical date is the day of the decision" in shown
    assert "by somebody other than anna" in shown
    assert "There is no release" in shown


def test_a_request_can_say_until_when_it_holds(capsys):
    assert run(["decide", "request", "E1", "S2", *ASK, "--until", "2099-12-31"]) == 0
    capsys.readouterr()
    assert _json(capsys, "decide", "list")[1][-1]["payload"]["holds_until"] == "2099-12-31"
    assert run(["decide", "request", "E2", "S2", *ASK, "--until", "2020-12-31"]) == 2
    assert "cannot end before it begins" in " ".join(capsys.readouterr().err.split())


def test_the_preview_shows_the_impact_and_keeps_nothing(capsys, release):
    code, (impact,) = _json(capsys, "decide", "request", "E1", "S1", *ASK, "--preview")
    assert code == 0
    assert (impact["direction"], impact["steps"]) == ("UP", 2)
    assert (impact["facts"]["segment_code"], impact["facts"]["open_orders"]) == ("S3", 1)
    assert impact["facts"]["revenue_12_months"] == "1500.00"
    assert impact["has_floor_conflict"] is False
    assert impact["facts"]["promised_orders"] == 1
    assert (impact["otif_before"], impact["otif_after"]) == ("0.92", "0.98")
    assert run(["decide", "request", "E1", "S1", *ASK, "--preview"]) == 0
    assert "1,500.00" in capsys.readouterr().out
    assert _json(capsys, "decide", "list") == (0, [])


def test_a_request_below_a_contract_is_shown_as_a_violation_before_anybody_approves(
    capsys, release
):
    ask = ["decide", "request", "E1", "S4", *ASK]
    violation = "VIOLATION: E1 to S4 is below S3, which contract K-7 promises until 2099-01-01."
    assert run([*ask, "--preview"]) == 0
    assert violation in capsys.readouterr().out
    assert run(ask) == 0
    shown = capsys.readouterr().out
    assert violation in shown
    assert "It needs segment_owner, sales, finance, committee (route CONTRACT)" in shown
    assert run(["decide", "requests"]) == 0
    assert violation in capsys.readouterr().out
    _, (waiting,) = _json(capsys, "decide", "requests")
    assert (waiting["breaks_contract"], waiting["contract_id"]) == (True, "K-7")
    assert waiting["contract_end_date"] == "2099-01-01"
    assert run(["decide", "approve", waiting["request_id"], *OLA]) == 0
    assert violation in capsys.readouterr().out


def test_current_segment_and_impact_are_kept_with_the_request(capsys, release):
    without_from = [one for one in ASK if one not in ("--from", "S3")]
    _, kept = _json(capsys, "decide", "request", "E1", "S2", *without_from)
    assert kept["requests"][0]["from_segment"] == "S3"
    assert kept["requests"][0]["route"] == "UP"
    (decision,) = _json(capsys, "decide", "list")[1]
    assert decision["payload"]["release_id"] == "R1"
    assert decision["payload"]["open_orders"] == 1


def test_e48_a_request_for_a_merged_entity_is_confirmed_for_the_survivor_first(
    capsys, home, release
):
    (home / "current").rename(home / "later")
    _, kept = _json(capsys, "decide", "request", "C9", "S2", *ASK)
    (home / "later").rename(home / "current")
    name = kept["request_id"]
    assert run(["decide", "approve", name, *OLA]) == 2
    said = " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert "It belongs to E1 now" in said
    assert f"tierline decide repoint {name}" in said
    anna = ["--as", "anna", "--role", "sales", "--reason", "merged"]
    assert run(["decide", "repoint", name, "C9", *anna]) == 2
    assert run(["decide", "repoint", name, "E1", *anna]) == 0
    assert run(["decide", "approve", name, *OLA]) == 0


def test_a_family_moves_together_without_who_opted_out(capsys, release):
    ask = [one for one in ASK if one not in ("--from", "S3")]
    _, kept = _json(capsys, "decide", "request", "G1", "S2", *ask, "--family")
    assert [one["entity_id"] for one in kept["requests"]] == ["E1", "E2"]
    parent = kept["request_id"]
    assert run(["decide", "withdraw", parent, "--as", "anna", *ASK[-4:]]) == 0
    capsys.readouterr()
    out = ["--family", "--without", "E1"]
    _, kept = _json(capsys, "decide", "request", "G1", "S2", *ask, *out)
    assert [one["entity_id"] for one in kept["requests"]] == ["E2"]
    assert run(["decide", "request", "G1", "S2", *ask, "--family", "--without", "E7"]) == 2
    assert run(["decide", "request", "G1", "S2", *ask, "--without", "E1"]) == 2


def test_a_bulk_file_has_a_result_per_row_and_is_red_while_one_is_refused(
    capsys, tmp_path, release
):
    path = tmp_path / "bulk.csv"
    head = "key,entity_id,to_segment,effective_date,reason\n"
    path.write_text(f"{head}k1,E1,S2,{SOON},contract\nk2,E404,S2,{SOON},contract\n")
    who = ["--as", "anna", "--role", "sales"]
    code, found = _json(capsys, "decide", "bulk", str(path), *who)
    assert code == 1
    assert [one["result"] for one in found] == ["ACCEPTED", "REFUSED"]
    path.write_text(f"{head}k1,E1,S2,{SOON},contract\nk2,E2,S2,{SOON},contract\n")
    code, found = _json(capsys, "decide", "bulk", str(path), *who)
    assert (code, [one["result"] for one in found]) == (0, ["KEPT", "ACCEPTED"])
    assert run(["decide", "bulk", str(path), *who]) == 0
    assert "2 rows" in capsys.readouterr().out
    assert run(["decide", "bulk", str(tmp_path / "none.csv"), *who]) == 2


def test_a_delegate_approves_on_behalf_and_a_rejected_request_stays_so(capsys):
    _, kept = _json(capsys, "decide", "request", "E1", "S2", *ASK)
    name = kept["request_id"]
    dora = ["--as", "dora", "--role", "segment_owner", "--reason", "for ola", "--for", "ola"]
    assert run(["decide", "approve", name, *dora]) == 1
    days = ["--from", TODAY.isoformat(), "--until", SOON]
    assert run(["decide", "delegate", "dora", *days, *OLA]) == 0
    assert run(["decide", "approve", name, *dora]) == 0
    assert run(["decide", "reject", name, "--as", "fay", "--role", "finance", *OLA[-2:]]) == 0
    assert run(["decide", "withdraw", name, "--as", "anna", "--role", "sales", *OLA[-2:]]) == 1
    assert run(["decide", "requests", "--all"]) == 0
    assert "REJECTED" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["request", "E1", "S2", "--effective", "soon", *ASK[2:]],
        ["request", "E1", "S9", *ASK],
        ["approve", "SR-0", *OLA],
        ["delegate", "ola", "--from", SOON, "--until", SOON, *OLA],
        ["delegate", "dora", "--from", "soon", "--until", SOON, *OLA],
    ],
)
def test_a_call_that_cannot_be_meant_is_refused(arguments, capsys):
    assert run(["decide", *arguments]) == 2
    capsys.readouterr()
    assert _json(capsys, "decide", "list") == (0, [])
