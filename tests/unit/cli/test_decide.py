"""Decisions through the command line: who, in which role, why; and the proof of the record."""

import json
import sqlite3

import pytest

from dagster_project.cli import audit, decide
from dagster_project.cli.main import run

WHO = ["--as", "anna", "--role", "sales", "--reason", "one contract"]
SECURITY = ["--as", "kim", "--role", "security", "--reason", "plans"]
GROUPS = [("decide", decide.app), ("audit", audit.app)]


def _json(capsys, *arguments: str) -> tuple[int, object]:
    code = run([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("group", "name"),
    [
        (group, one.name or one.callback.__name__)
        for group, app in GROUPS
        for one in app.registered_commands
    ],
)
def test_command_has_an_example_and_json(group, name, capsys):
    assert run([group, name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"Example: tierline {group} {name}" in shown
    assert "--json" in shown


@pytest.mark.parametrize("verdict", ["same", "different"])
def test_a_verdict_is_kept_with_who_role_and_why(capsys, verdict):
    code, taken = _json(capsys, "decide", verdict, "erp:C-1", "crm:A-7", *WHO)
    assert code == 0
    assert taken["payload"]["verdict"] == verdict
    assert (taken["actor"], taken["role"], taken["reason"]) == ("anna", "sales", "one contract")
    assert _json(capsys, "decide", "list") == (0, [taken])
    assert _json(capsys, "decide", "list", "--kind", "access_grant") == (0, [])


def test_the_same_key_twice_is_one_decision(capsys):
    for _ in range(2):
        assert run(["decide", "same", "a", "b", *WHO, "--key", "form-9"]) == 0
    capsys.readouterr()
    assert len(_json(capsys, "decide", "list")[1]) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["decide", "same", "a", "a", *WHO],
        ["decide", "same", "a", "b", "--as", "x", "--role", "boss", "--reason", "y"],
        ["decide", "same", "a", "b", "--as", "x", "--role", "sales"],
        ["decide", "list", "--kind", "opinion"],
        ["decide", "grant", "lena", "everyone", "--until", "2026-12-31", *SECURITY],
        ["decide", "grant", "lena", "planner", "--until", "soon", *SECURITY],
        ["decide", "erase", "ghost", "C-1", "--as", "p", "--role", "privacy", "--reason", "r"],
        ["audit", "verify", "--anchor", "7"],
        ["audit", "access", "--as-of", "soon"],
    ],
)
def test_a_call_that_cannot_be_meant_is_refused(arguments, capsys):
    assert run(arguments) == 2
    capsys.readouterr()
    assert _json(capsys, "decide", "list") == (0, [])


def test_a_broken_chain_is_red_and_names_the_decision(capsys, home):
    for number in range(3):
        assert run(["decide", "same", "a", f"b{number}", *WHO]) == 0
    capsys.readouterr()
    code, proved = _json(capsys, "audit", "verify")
    assert (code, proved["decisions"]) == (0, 3)
    with sqlite3.connect(home / "decisions.db") as con:
        con.execute("drop trigger decision_no_update")
        con.execute("update decision set actor = 'mallory' where seq = 2")
    assert run(["audit", "verify"]) == 1
    assert "decision 2" in capsys.readouterr().err


def test_newest_decisions_that_are_gone_show_against_a_kept_anchor(capsys, home):
    for number in range(3):
        run(["decide", "same", "a", f"b{number}", *WHO])
    capsys.readouterr()
    _, proved = _json(capsys, "audit", "verify")
    with sqlite3.connect(home / "decisions.db") as con:
        con.execute("drop trigger decision_no_delete")
        con.execute("delete from decision where seq = 3")
    assert run(["audit", "verify"]) == 0
    assert run(["audit", "verify", "--anchor", f"3:{proved['hash']}"]) == 1
    assert "decision 3" in capsys.readouterr().err


def test_grants_are_listed_and_what_must_be_put_right_is_red(capsys):
    grant = ["decide", "grant", "lena", "planner", "--until", "2200-01-31", "--region", "DACH"]
    assert run([*grant, *SECURITY]) == 0
    capsys.readouterr()
    code, found = _json(capsys, "audit", "access")
    assert (code, found["findings"]) == (0, [])
    assert [(one["reader"], one["region"], one["status"]) for one in found["grants"]] == [
        ("lena", "DACH", "ACTIVE")
    ]
    code, found = _json(capsys, "audit", "access", "--as-of", "2200-02-01")
    assert code == 1
    assert [one["check"] for one in found["findings"]] == ["expired", "review"]
    assert run(["decide", "review", "*", *SECURITY]) == 0
    assert run(["decide", "revoke", "lena", "planner", *SECURITY]) == 0
    capsys.readouterr()
    assert _json(capsys, "audit", "access", "--as-of", "2200-02-01")[0] == 0


def test_an_erasure_says_what_remains(capsys, home):
    (home / "raw").mkdir(parents=True)
    who = ["--as", "pia", "--role", "privacy", "--reason", "request"]
    assert run(["decide", "erase", "customer", "C-1", *who]) == 0
    shown = capsys.readouterr().out
    assert "Still there until somebody removes it" in shown
    assert "raw batches" in shown
