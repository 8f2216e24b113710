"""Every way a command can end has its exit code, and says what, why and what next."""

import json

import pytest

from dagster_project.cli.main import run
from dagster_project.errors import LockedError, RedError, TierlineError, UsageError


def fail_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def releases(*_args: object) -> None:
        raise error

    monkeypatch.setattr("dagster_project.release.list_releases", releases)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RedError("The gate is shut.", "R-01 is red.", "Land the correction."), 1),
        (UsageError("Unknown size.", "Known: S.", "Choose S."), 2),
        (TierlineError("No space.", "The disk is full.", "Free some."), 3),
        (LockedError("In use.", "Process 7 has it.", "Wait."), 4),
    ],
)
def test_error_of_the_project_is_a_panel_and_its_own_exit_code(monkeypatch, capsys, error, code):
    fail_with(monkeypatch, error)

    assert run(["releases"]) == code

    printed = capsys.readouterr()
    assert printed.out == ""
    for part in (error.what, error.why, error.fix):
        assert part in printed.err


def test_error_is_json_on_stdout_when_json_was_asked_for(monkeypatch, capsys):
    fail_with(monkeypatch, UsageError("Unknown size.", "Known: S.", "Choose S."))

    assert run(["releases", "--json"]) == 2

    problem = {"what": "Unknown size.", "why": "Known: S.", "next": "Choose S."}
    assert json.loads(capsys.readouterr().out) == {"error": problem, "exit_code": 2}


def test_unforeseen_error_names_its_log_and_shows_no_trace(monkeypatch, capsys, home):
    fail_with(monkeypatch, ValueError("seven is not eight"))

    assert run(["releases"]) == 3

    shown = capsys.readouterr().err
    assert "seven is not eight" in shown
    assert "Traceback" not in shown
    assert "Traceback" in (home / "logs" / "last-error.txt").read_text()


def test_lock_of_duckdb_is_exit_code_4_and_names_the_holder(monkeypatch, capsys):
    message = 'IO Error: Could not set lock on file "w.duckdb": Conflicting lock is held in PID 7'
    fail_with(monkeypatch, OSError(message))

    assert run(["releases"]) == 4

    assert "PID 7" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["nonsense"], id="unknown command"),
        pytest.param(["releases", "--nonsense"], id="unknown option"),
        pytest.param(["simulate"], id="missing option"),
        pytest.param(["simulate", "--size", "XXL", "--out", "x"], id="unknown size"),
        pytest.param(["simulate", "--plant", "rain", "--out", "x"], id="unknown fault"),
        pytest.param(["pull", "erp.nonsense", "--cursor", "id"], id="unknown feed"),
        pytest.param(["rollback"], id="nothing to roll back to"),
        pytest.param(["gate"], id="nothing to judge"),
        pytest.param(["land", "--from", "/nonexistent"], id="no such folder"),
    ],
)
def test_wrong_call_is_exit_code_2(arguments, capsys):
    assert run(arguments) == 2
    assert capsys.readouterr().err


def test_wrong_environment_variable_is_exit_code_2(monkeypatch, capsys):
    monkeypatch.setenv("TIERLINE_ENV", "moon")

    assert run(["status"]) == 2

    assert "TIERLINE_ENV" in capsys.readouterr().err
