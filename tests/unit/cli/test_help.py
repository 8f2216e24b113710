"""`--help` answers at once, and every command explains itself in the same way."""

import subprocess
import sys

import pytest

from dagster_project.cli.main import app, run

COMMANDS = sorted(command.callback.__name__ for command in app.registered_commands)
HEAVY = ("dagster", "dbt", "duckdb", "great_expectations", "pandas", "pyarrow", "pydantic", "yaml")


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from dagster_project.cli.main import run; run(['--help']);"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stderr.strip() == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_command_has_an_example_and_json(name, capsys):
    assert run([name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert "Example: tierline" in shown
    assert "--json" in shown


def test_no_argument_shows_the_help(capsys):
    assert run([]) == 2
    assert "tierline" in "".join(capsys.readouterr())
