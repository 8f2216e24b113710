"""`tierline decide agree`, `offer` and `sign`, and `breach`: who may do what, in which order."""

import json

import pytest

from dagster_project.cli.main import run
from dagster_project.governance import DecisionStore, Entry
from dagster_project.settings import get_settings

WORDS = ["--commitment", "97 % of units", "--from", "2026-01-01"]
SIDES = ["--supplier", "supply_chain", "--customer", "sales"]
DRAFT = ["agree", "FILL", *SIDES, "--metric", "UNIT_FILL_RATE", *WORDS]


def who(role):
    return ["--as", "ola", "--role", role, "--reason", "plan 2026"]


def drafted(target="0.97", role="supply_chain"):
    return run(["decide", *DRAFT, "--target", target, *who(role)])


def payloads(capsys, kind):
    capsys.readouterr()
    assert run(["decide", "list", "--kind", kind, "--json"]) == 0
    return [one["payload"] for one in json.loads(capsys.readouterr().out)]


def test_both_sides_sign_the_content_as_it_was_drafted(capsys):
    assert drafted() == 0
    for role in ("supply_chain", "sales"):
        assert run(["decide", "sign", "FILL", *who(role)]) == 0
    (draft,) = payloads(capsys, "internal_agreement")
    hashes = {one["content_hash"] for one in payloads(capsys, "agreement_signature")}
    assert hashes == {draft["content_hash"]}


def test_another_target_is_another_content_and_the_same_written_otherwise_is_not(capsys):
    for target in ("0.97", "0.970", "0.98"):
        assert drafted(target) == 0
    hashes = [one["content_hash"] for one in payloads(capsys, "internal_agreement")]
    assert hashes[0] == hashes[1] != hashes[2]


def test_who_is_no_side_neither_offers_nor_signs():
    assert drafted() == 0
    assert run(["decide", "sign", "FILL", *who("finance")]) == 2
    assert run(["decide", "offer", "FILL", "--target", "0.9", *who("finance")]) == 2
    assert run(["decide", "offer", "FILL", "--target", "0.9", *who("sales")]) == 0


def test_metric_that_nobody_defined_cannot_be_agreed_upon(capsys):
    wrong = ["agree", "FILL", *SIDES, "--metric", "SHOE_SIZE", *WORDS, "--target", "1"]
    assert run(["decide", *wrong, *who("sales")]) == 2
    assert "There is no metric SHOE_SIZE" in capsys.readouterr().err


def test_nothing_that_was_not_drafted_is_signed():
    assert run(["decide", "sign", "FILL", *who("sales")]) == 2


def test_one_function_does_not_owe_itself():
    own = ["agree", "FILL", "--supplier", "sales", "--customer", "sales", "--metric", "OTIF"]
    assert run(["decide", *own, *WORDS, "--target", "1", *who("sales")]) == 2


@pytest.fixture
def known_breach():
    """A breach that was acknowledged before."""
    payload = {"breach_id": "O-1|LATE", "act": "ack"}
    entry = Entry("breach_act", "O-1|LATE", "ola", "sales", "called", payload)
    DecisionStore(get_settings().decisions_url).append(entry)


def test_breach_that_nobody_knows_cannot_be_taken_up(capsys):
    assert run(["decide", "breach", "ack", "O-9|LATE", *who("sales")]) == 2
    assert "There is no breach O-9|LATE" in capsys.readouterr().err


@pytest.mark.usefixtures("known_breach")
def test_states_of_a_breach_follow_each_other(capsys):
    assert run(["decide", "breach", "recover", "O-1|LATE", *who("sales")]) == 2
    assert run(["decide", "breach", "ack", "O-1|LATE", *who("sales")]) == 2
    assert run(["decide", "breach", "contain", "O-1|LATE", *who("sales")]) == 0
    rca = ["decide", "breach", "rca", "O-1|LATE", *who("sales")]
    assert run(rca) == 2
    assert run([*rca, "--cause", "TRANSPORT", "--evidence", "waybill 7"]) == 0
    step = ["decide", "breach", "step", "O-1|LATE", "--step", "expedite", "--cost", "120"]
    assert run([*step, *who("supply_chain")]) == 0
    acts = [one["act"] for one in payloads(capsys, "breach_act")]
    assert acts == ["ack", "contain", "rca", "step"]


def test_without_a_release_there_is_no_breach_to_list(capsys):
    assert run(["decide", "breaches", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


PLAN = ["--owner", "ola", "--root-cause", "one carrier", "--due", "2026-06-30"]
PLAN += ["--effective", "2026-07-01"]
ACTION = "service:S1|OTIF|1"


def test_corrective_action_is_planned_before_it_is_closed_and_closed_with_evidence(capsys):
    assert run(["decide", "correct", "close", ACTION, "--evidence", "chart", *who("sales")]) == 2
    assert run(["decide", "correct", "plan", ACTION, *who("supply_chain")]) == 2
    assert run(["decide", "correct", "plan", ACTION, *PLAN, *who("supply_chain")]) == 0
    close = ["decide", "correct", "close", ACTION, *who("supply_chain")]
    assert run(close) == 2
    assert run([*close, "--evidence", "chart of the control room"]) == 0
    assert run([*close, "--evidence", "again"]) == 2
    acts = [one["act"] for one in payloads(capsys, "corrective_act")]
    assert acts == ["plan", "close"]
