"""`tierline decide cause` keeps why a line failed as a person knows it."""

import json

import pytest

from dagster_project.cli.main import run

WHO = ["--as", "ola", "--role", "sales", "--reason", "released by phone"]


def test_a_verdict_names_line_and_cause(capsys):
    assert run(["decide", "cause", "SO-1", "10", "--is", "CREDIT_HOLD", *WHO]) == 0
    capsys.readouterr()
    assert run(["decide", "list", "--kind", "failure_cause_override", "--json"]) == 0
    (kept,) = [one["payload"] for one in json.loads(capsys.readouterr().out)]
    assert (kept["order_id"], int(kept["line_no"]), int(kept["schedule_no"])) == ("SO-1", 10, 1)
    assert kept["cause_code"] == "CREDIT_HOLD"


@pytest.mark.parametrize("cause", ["BAD_LUCK", "credit_hold"])
def test_a_cause_that_the_policy_does_not_know_is_refused(capsys, cause):
    assert run(["decide", "cause", "SO-1", "10", "--is", cause, *WHO]) == 2
    assert "CREDIT_HOLD" in capsys.readouterr().err


def test_not_everybody_may_say_it(capsys):
    who = ["--as", "ola", "--role", "privacy", "--reason", "none of mine"]
    assert run(["decide", "cause", "SO-1", "10", "--is", "CREDIT_HOLD", *who]) == 2
