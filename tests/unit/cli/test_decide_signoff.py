"""Sign-offs of scheme versions through the command line."""

import json

from dagster_project.cli.main import run

WHO = ["--as", "anna", "--role", "sales", "--reason", "fits the contracts"]


def _signoff(capsys, *arguments):
    code = run(["decide", "signoff", *arguments, *WHO, "--json"])
    shown = capsys.readouterr()
    return code, json.loads(shown.out) if code == 0 else shown.err


def test_command_has_an_example(capsys):
    assert run(["decide", "signoff", "--help"]) == 0
    assert "Example: tierline decide signoff" in capsys.readouterr().out


def test_signature_is_kept_with_version_and_role(capsys):
    code, taken = _signoff(capsys, "service", "--scheme-version", "1")
    assert code == 0
    assert (taken["kind"], taken["role"]) == ("alignment_signoff", "sales")
    assert taken["payload"] == {
        "scheme_id": "service",
        "scheme_version": "1",
        "verdict": "approve",
    }
    _, rejected = _signoff(capsys, "service", "--scheme-version", "1", "--reject")
    assert rejected["payload"]["verdict"] == "reject"


def test_version_that_is_not_in_the_policy_cannot_be_signed(capsys):
    code, shown = _signoff(capsys, "service", "--scheme-version", "7")
    assert code == 2
    assert "no scheme service in version 7" in shown
