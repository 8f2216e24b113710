"""Moves that rules propose are listed for those who have to decide them, and decided by id."""

import json

import duckdb
import pytest

from dagster_project.cli.main import run

OLA = ["--as", "ola", "--role", "segment_owner", "--reason", "seen"]
SAM = ["--as", "sam", "--role", "sales", "--reason", "told the customer"]

MARTS = """
create schema marts;
use marts;
create table dim_customer as select * from (values ('C1', 'E1', 'P1'), ('C2', 'E2', 'P2'))
    as t(customer_id, entity_id, party_key);
create table dim_customer_segment as select * from (values
    ('service', 'E1', 'S3', true), ('service', 'E2', 'S2', true)
) as t(scheme_id, entity_id, segment_code, is_current);
create table mart_customer_month as
    select 'E1' as entity_id, date '2026-01-01' as activity_month, 1500.00 as net_amount_group;
create table fct_order_line as select 'O1' as order_id, 'E1' as entity_id, false as is_cancelled,
    4.0 as open_base_qty, 10.0 as ordered_base_qty, 100.00 as net_amount_group,
    'ITEM' as line_role, timestamp '2026-02-10' as due_first_at;
create table dim_fiscal_period as select 'MONTH' as calendar_id, date '2026-01-01' as start_date,
    date '2026-02-01' as end_date, 'OPEN' as status, null::timestamp as closed_at;
create table mart_reclass_proposal as select * from (values
    ('p-rise', 'service', 'E1', 'THRESHOLD_UP_S2', 'RULE', 'S3', 'S2', 'OWNER', 'WAITING',
        date '2026-01-06', date '2026-02-06', 'Score 71.'),
    ('p-fall', 'service', 'E2', 'THRESHOLD_DOWN_S2', 'RULE', 'S2', 'S3', 'OWNER+SALES', 'WAITING',
        date '2026-02-06', date '2026-02-06', 'Score 41.'),
    ('p-old', 'service', 'E1', 'THRESHOLD_UP_S2', 'RULE', 'S3', 'S2', 'OWNER', 'RENEWED',
        date '2026-01-06', date '2026-01-06', 'Score 70.')
) as t(proposal_id, scheme_id, entity_id, rule_id, cause, from_segment_code, to_segment_code,
    approval, approval_state, waiting_since_date, evaluation_date, reason);
"""


def _json(capsys, *arguments: str) -> tuple[int, object]:
    code = run([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture(autouse=True)
def release(home):
    """A release in which one customer shall rise and one shall fall."""
    folder = home / "releases" / "R1"
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "marts.duckdb")) as con:
        con.execute(MARTS)
    manifest = {"build_id": "b", "as_of": "2026-02-28", "published_at": "2026-03-01"}
    (folder / "manifest.json").write_text(json.dumps(manifest | {"tables": {}, "data_through": {}}))
    (home / "current").symlink_to("releases/R1")


def missing(capsys):
    code, found = _json(capsys, "decide", "proposals")
    assert code == 0
    return {one["proposal_id"]: one["roles_missing"] for one in found}


def test_what_waits_is_listed_with_the_roles_that_are_missing(capsys):
    assert missing(capsys) == {"p-rise": ["segment_owner"], "p-fall": ["segment_owner", "sales"]}
    assert run(["decide", "proposals"]) == 0
    shown = capsys.readouterr().out
    assert "E1" in shown
    assert "E2" in shown


def test_the_owner_approves_a_rise_and_it_waits_no_longer(capsys):
    code, (request,) = _json(capsys, "decide", "approve", "p-rise", *OLA)
    assert code == 0
    assert (request["origin"], request["requester"]) == ("RULE", "rule THRESHOLD_UP_S2")
    assert (request["from_segment"], request["to_segment"]) == ("S3", "S2")
    assert request["roles_missing"] == []
    assert missing(capsys) == {"p-fall": ["segment_owner", "sales"]}


def test_a_fall_waits_until_owner_and_sales_have_approved_it(capsys):
    assert run(["decide", "approve", "p-fall", *OLA]) == 0
    capsys.readouterr()
    assert missing(capsys)["p-fall"] == ["sales"]
    assert run(["decide", "approve", "p-fall", *SAM]) == 0
    capsys.readouterr()
    assert "p-fall" not in missing(capsys)


def test_request_and_verdict_are_added_to_the_record_and_nothing_is_changed(capsys):
    assert run(["decide", "approve", "p-rise", *OLA]) == 0
    capsys.readouterr()
    _, decisions = _json(capsys, "decide", "list")
    assert [(one["kind"], one["role"]) for one in decisions] == [
        ("segment_request", "rule"),
        ("segment_request_verdict", "segment_owner"),
    ]
    assert decisions[0]["actor"] == "rule THRESHOLD_UP_S2"
    assert decisions[0]["payload"]["release_id"] == "R1"


def test_one_no_is_enough_and_no_yes_comes_after_it(capsys):
    assert run(["decide", "reject", "p-fall", *SAM]) == 0
    assert run(["decide", "approve", "p-fall", *OLA]) == 1
    assert "only an open request can be decided" in " ".join(capsys.readouterr().err.split())


def test_one_person_does_not_stand_for_both_roles(capsys):
    assert run(["decide", "approve", "p-fall", *OLA]) == 0
    both = ["--as", "ola", "--role", "sales", "--reason", "me again"]
    assert run(["decide", "approve", "p-fall", *both]) == 1
    assert "Each role needs a person of its own" in " ".join(capsys.readouterr().err.split())


def test_a_role_that_the_rule_does_not_name_cannot_decide_and_nothing_is_kept(capsys):
    assert run(["decide", "approve", "p-rise", *SAM]) == 1
    assert "needs segment_owner" in " ".join(capsys.readouterr().err.split())
    assert _json(capsys, "decide", "list") == (0, [])


def test_a_delegate_decides_for_the_owner(capsys):
    away = ["--from", "2020-01-01", "--until", "2099-01-01", *OLA]
    assert run(["decide", "delegate", "dora", *away]) == 0
    dora = ["--as", "dora", "--role", "segment_owner", "--reason", "for ola", "--for", "ola"]
    assert run(["decide", "approve", "p-rise", *dora]) == 0


def test_a_proposal_that_no_longer_waits_says_what_became_of_it(capsys):
    assert run(["decide", "approve", "p-old", *OLA]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "It does not wait for anybody: RENEWED" in said
    assert "tierline decide proposals" in said


def test_a_half_approved_proposal_that_the_rule_gave_up_cannot_be_completed(capsys, home):
    _, (request,) = _json(capsys, "decide", "approve", "p-fall", *OLA)
    with duckdb.connect(str(home / "current" / "marts.duckdb")) as con:
        con.execute(
            "update marts.marts.mart_reclass_proposal set approval_state = 'LAPSED'"
            " where proposal_id = 'p-fall'"
        )
    assert run(["decide", "approve", request["request_id"], *SAM]) == 2
    assert "no longer waits" in " ".join(capsys.readouterr().err.split())


def test_nobody_acts_in_the_role_of_a_rule(capsys):
    ask = ["--effective", "2099-01-01", "--as", "rule X", "--role", "rule", "--reason", "r"]
    assert run(["decide", "request", "E1", "S2", *ask]) == 2
    assert "may not request a segment change" in " ".join(capsys.readouterr().err.split())


def test_a_person_may_ask_for_another_segment_while_a_rule_waits(capsys):
    assert run(["decide", "approve", "p-fall", *OLA]) == 0
    ask = ["--effective", "2099-01-01", "--as", "anna", "--role", "sales", "--reason", "r"]
    assert run(["decide", "request", "E2", "S1", *ask]) == 0
