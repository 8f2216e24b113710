"""Each check of the record is green for what is in order and red for its own planted fault."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from audit_cases import AT, write_release

from dagster_project.governance import DecisionStore, Entry, Head
from dagster_project.governance.audit import FAIL, NO_DATA, PASS
from dagster_project.governance.audit.export import export
from dagster_project.governance.audit.people import clock, retention
from dagster_project.governance.audit.verify import verify
from dagster_project.settings import PROJECT_ROOT

START = datetime(2026, 5, 20, 9, tzinfo=UTC)


class Log:
    """Writes decisions past the desk, as somebody with the database in hand could."""

    def __init__(self, settings) -> None:
        self.now = START
        self.store = DecisionStore(settings.decisions_url, lambda: self.now)

    def request(self, name="R1", actor="anna", role="sales", **said) -> int:
        payload = {
            "request_id": name,
            "scheme_id": "service",
            "entity_id": "E1",
            "from_segment": "S2",
            "to_segment": "S1",
            "effective_date": "2026-07-01",
            "reason_code": "OTHER",
            "origin": "MANUAL",
            "is_emergency": False,
            "route": "UP",
            "roles_needed": "segment_owner",
            "expires_on": "2026-05-21",
        } | said
        entry = Entry("segment_request", "service|E1", actor, role, "contract", payload)
        return self.store.append(entry).seq

    def approve(self, name="R1", actor="ola", role="segment_owner", **said) -> int:
        payload = {"request_id": name, "act": "approve", "outcome": "COUNTED"} | said
        entry = Entry("segment_request_verdict", name, actor, role, "agreed", payload)
        return self.store.append(entry).seq


@pytest.fixture
def log(settings) -> Log:
    return Log(settings)


def results(settings, anchor: Head | None = None):
    found, _ = verify(settings, AT, anchor)
    assert [one.check_id for one in found] == [f"A{number}" for number in range(1, 9)]
    return {one.check_id: one for one in found}


def statuses(found) -> dict[str, str]:
    return {check: one.status for check, one in found.items()}


def test_a_record_that_is_in_order_is_green_and_what_nobody_can_know_is_not(settings, log):
    log.request()
    log.approve()
    head = log.store.head()
    write_release(settings, {"seq": head.seq, "hash": head.hash})
    assert statuses(results(settings)) == dict.fromkeys(
        ["A1", "A2", "A3", "A4", "A5", "A6", "A7"], PASS
    ) | {"A8": NO_DATA}


def test_an_empty_home_has_no_data_but_a_chain(settings):
    found = statuses(results(settings))
    assert found.pop("A1") == PASS
    assert set(found.values()) == {NO_DATA}


def red(settings, check: str, anchor: Head | None = None):
    """The only red check, which has to be this one."""
    found = results(settings, anchor)
    assert [one.check_id for one in found.values() if one.status == FAIL] == [check]
    return found[check]


def test_a1_a_release_that_saw_more_decisions_than_there_are_is_red(settings, log):
    log.request()
    write_release(settings, {"seq": 3, "hash": "f" * 64})
    found = red(settings, "A1")
    assert found.seq == 2
    assert "release R1 saw 3" in found.detail


def test_a1_a_chain_that_was_made_anew_does_not_fit_the_head_of_a_release(settings, log):
    log.request()
    log.approve()
    write_release(settings, {"seq": 1, "hash": "f" * 64})
    found = red(settings, "A1")
    assert (found.seq, "made anew" in found.detail) == (1, True)


def test_a1_an_anchor_kept_by_hand_is_compared_too(settings, log):
    log.request()
    assert red(settings, "A1", Head(1, "f" * 64)).seq == 1
    assert statuses(results(settings, log.store.head()))["A1"] == PASS


@pytest.mark.parametrize(
    ("fault", "event"),
    [
        ("delete from fct_segment_event where event_id = 'b'", "service|E1|2"),
        ("delete from dim_customer_segment where event_id = 'c'", "service|E1|3"),
        (
            "update dim_customer_segment set segment_code = 'S1' where event_id = 'b'",
            "service|E1|2",
        ),
        (
            "update dim_customer_segment set valid_from = '2024-01-01' where event_id = 'a'",
            "service|E1|1",
        ),
        (
            "insert into fct_segment_event from fct_segment_event where event_id = 'c'",
            "service|E1|3",
        ),
    ],
    ids=["row without event", "event without row", "other segment", "other day", "event twice"],
)
def test_a2_a_change_and_its_event_belong_together(settings, fault, event):
    write_release(settings, None, fault)
    assert red(settings, "A2").event == event


def test_a2_a_decision_that_the_next_of_the_same_moment_overtakes_leaves_no_row(settings):
    write_release(
        settings,
        None,
        "insert into fct_segment_event select 'b0', scheme_id, entity_id, 2, 'N0', 'S1',"
        " valid_from, recorded_at, rule_id, cause, null, null from fct_segment_event"
        " where event_id = 'b'",
        "update fct_segment_event set event_seq = event_seq + 1 where event_id in ('b', 'c')",
    )
    assert statuses(results(settings))["A2"] == PASS


@pytest.mark.parametrize("rule", ["BY_HAND", "THRESHOLD_UP_S9", "THRESHOLD_UP_N0"])
def test_a3_an_event_by_a_rule_that_nobody_knows_is_red(settings, rule):
    fault = f"update fct_segment_event set rule_id = '{rule}' where event_id = 'c'"
    write_release(settings, None, fault)
    assert red(settings, "A3").event == "service|E1|3"


def test_a3_a_rule_of_the_policy_is_known(settings, tmp_path):
    policy = tmp_path / "policy"
    policy.mkdir()
    (policy / "reclass_rule.csv").write_text("rule_id,name\nBY_HAND,x\n")
    settings.policy_dir = policy
    write_release(settings, None, "update fct_segment_event set rule_id = 'BY_HAND'")
    assert statuses(results(settings))["A3"] == PASS


def test_a3_an_event_by_a_request_needs_an_approval(settings, log):
    log.request()
    by_request = "set cause = 'CHANGE_REQUEST', rule_id = 'CHANGE_REQUEST', request_id = 'R1'"
    write_release(settings, None, f"update fct_segment_event {by_request} where event_id = 'c'")
    assert red(settings, "A3").event == "service|E1|3"
    log.approve()
    assert statuses(results(settings))["A3"] == PASS


def enforcing(tmp_path, settings, approval="OWNER", auto_if=""):
    """A policy in which a rule asks people before it moves anybody."""
    policy = tmp_path / "policy"
    policy.mkdir()
    rules = f"rule_id,scheme_id,approval,auto_if\nTHRESHOLD_UP_S1,service,{approval},{auto_if}\n"
    (policy / "reclass_rule.csv").write_text(rules + "FIRST_SCORE_S2,service,AUTO,\n")
    (policy / "segment_scheme.csv").write_text("scheme_id,approval_enforced\nservice,true\n")
    settings.policy_dir = policy


def test_a3_a_move_that_a_rule_may_only_propose_needs_the_approval_of_people(
    settings, log, tmp_path
):
    enforcing(tmp_path, settings)
    by_request = "update fct_segment_event set request_id = 'R1' where event_id = 'c'"
    write_release(settings, None, by_request)
    log.request(actor="rule THRESHOLD_UP_S1", role="rule", origin="RULE")
    found = red(settings, "A3")
    assert found.event == "service|E1|3"
    assert "nobody approved what rule THRESHOLD_UP_S1 proposed" in found.detail
    log.approve()
    assert statuses(results(settings))["A3"] == PASS


def test_a3_a_move_past_the_people_whom_the_rule_asks_is_red(settings, tmp_path):
    enforcing(tmp_path, settings)
    write_release(settings, None)
    assert red(settings, "A3").event == "service|E1|3"


@pytest.mark.parametrize(("approval", "auto_if"), [("AUTO", ""), ("OWNER", "steps = 1")])
def test_a3_a_rule_that_moves_by_itself_needs_nobody(settings, tmp_path, approval, auto_if):
    enforcing(tmp_path, settings, approval, auto_if)
    write_release(settings, None)
    assert statuses(results(settings))["A3"] == PASS


def test_a5_what_a_rule_proposed_before_the_period_was_closed_is_in_order(settings, log):
    write_release(settings, None)
    log.request(actor="rule UP", role="rule", origin="RULE", effective_date="2025-09-15")
    assert statuses(results(settings))["A5"] == PASS


ECHO = (
    "create table audit_control_result as select 'A8' as check_id, '{status}' as status,"
    " null::varchar as first_event, '{detail}' as detail"
)


def test_a8_another_system_that_holds_something_else_is_red(settings):
    write_release(settings, None, ECHO.format(status=FAIL, detail="ERP holds S2"))
    assert red(settings, "A8").detail == "ERP holds S2"


def test_a8_is_green_only_where_something_was_read_back(settings):
    write_release(settings, None, ECHO.format(status=PASS, detail="4 looked at"))
    assert statuses(results(settings))["A8"] == PASS


@pytest.mark.parametrize(
    "marts",
    [(), (ECHO.format(status=NO_DATA, detail="nothing"),)],
    ids=["no mart", "nothing was read back"],
)
def test_a8_without_anything_read_back_is_neither_green_nor_red(settings, marts):
    write_release(settings, None, *marts)
    found = results(settings)["A8"]
    assert found.status == NO_DATA
    assert found.detail == "No other system reports back what it holds."


def test_the_export_of_either_database_is_verified_with_nothing_but_python(settings, log, tmp_path):
    log.request()
    log.approve()
    path = tmp_path / "decisions.jsonl"
    head = export(settings.decisions_url, path)
    script = PROJECT_ROOT / "docs" / "how-to" / "verify_decisions.py"
    call = [sys.executable, str(script), str(path), f"{head.seq}:{head.hash}"]
    assert subprocess.run(call, capture_output=True).returncode == 0
    path.write_text(path.read_text().replace("ola", "eve"))
    changed = subprocess.run(call, capture_output=True, text=True)
    assert changed.returncode == 1
    assert "decision 2 was changed" in changed.stdout


def test_a_release_that_does_not_say_what_decided_is_not_judged(settings):
    write_release(settings, None, "alter table fct_segment_event drop column cause")
    found = statuses(results(settings))
    assert (found["A1"], found["A2"], found["A3"]) == (PASS, NO_DATA, NO_DATA)


def test_a3_a_verdict_that_nothing_allowed_is_red(settings, log):
    log.request()
    seq = log.approve(role="committee", actor="cora")
    assert red(settings, "A3").seq == seq


def test_a3_a_verdict_about_no_request_is_red(settings, log):
    seq = log.approve("R404")
    assert red(settings, "A3").seq == seq


def test_a3_an_emergency_that_nobody_approved_is_red_until_it_is_made_good(settings, log):
    log.approve("R0", outcome="REFUSED", refusal="not allowed")
    seq = log.request(is_emergency=True, effective_date="2026-05-20")
    assert red(settings, "A3").seq == seq == 2
    log.now += timedelta(days=2)
    log.request("R2", expires_on="2026-06-30")
    log.approve("R2")
    assert statuses(results(settings))["A3"] == PASS


@pytest.mark.parametrize(
    "who",
    [{"actor": "anna"}, {"actor": "ANNA "}, {"actor": "dora", "on_behalf_of": "anna"}],
    ids=["same name", "other spelling", "delegate of the requester"],
)
def test_a4_an_own_request_that_was_approved_is_red(settings, log, who):
    log.request()
    seq = log.approve(**who)
    assert red(settings, "A4").seq == seq


def test_a5_a_request_into_a_closed_period_is_red_unless_finance_made_it(settings, log):
    write_release(settings, None)
    log.request("R0", role="finance", effective_date="2025-09-15")
    assert statuses(results(settings))["A5"] == PASS
    seq = log.request(effective_date="2025-09-15")
    assert red(settings, "A5").seq == seq


def test_a5_an_event_that_changes_a_closed_period_is_red(settings):
    write_release(
        settings,
        None,
        "update fct_segment_event set recorded_at = '2025-11-06' where event_id = 'c'",
        "update dim_customer_segment set recorded_from = '2025-11-06' where event_id = 'c'",
    )
    assert red(settings, "A5").event == "service|E1|3"


def test_a6_a_clock_that_runs_backwards_is_red(settings, log):
    log.request()
    log.approve()
    before, after = log.store.read()
    from dataclasses import replace

    early = replace(after, decided_at=before.decided_at - timedelta(seconds=1))
    assert (clock([before, early]).status, clock([before, early]).seq) == (FAIL, 2)
    assert clock([before, after]).status == PASS


def test_a6_an_event_recorded_before_the_one_that_it_follows_is_red(settings):
    write_release(
        settings,
        None,
        "update fct_segment_event set recorded_at = '2025-05-01' where event_id = 'c'",
        "update dim_customer_segment set recorded_from = '2025-05-01' where event_id = 'c'",
    )
    assert red(settings, "A6").event == "service|E1|3"


def test_a7_a_decision_that_is_no_longer_kept_is_red(log):
    for name in ("R1", "R2", "R3"):
        log.request(name)
    decisions = log.store.read()
    assert retention(decisions).status == PASS
    assert (retention(decisions[1:]).status, retention(decisions[1:]).seq) == (FAIL, 1)
    assert retention([decisions[0], decisions[2]]).seq == 2
