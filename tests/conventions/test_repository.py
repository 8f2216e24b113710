"""What is in the tree: no machine paths, no index addresses, a docstring in each module."""

import ast
import csv
import re

import pytest
from project_files import tracked_files

from dagster_project.settings import PROJECT_ROOT

TEXT = {".py", ".sql", ".yml", ".yaml", ".md", ".toml", ".txt", ".csv", ".html", ".cfg", ""}
# Spelled in pieces, so that this file does not contain what it looks for.
FORBIDDEN = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry." + "npmjs",
    "deb." + "debian.org",
    "repo.maven" + ".apache.org",
    "/wo" + "rk/",
    "/ro" + "ot/",
    "/tmp/pl" + "an",
]


@pytest.mark.parametrize("word", FORBIDDEN)
def test_no_file_names_an_index_host_or_a_path_of_one_machine(word):
    found = [
        str(path.relative_to(PROJECT_ROOT))
        for path in tracked_files()
        if path.suffix in TEXT and word in path.read_text(encoding="utf-8", errors="replace")
    ]
    assert found == []


def test_constraints_are_names_and_versions_only():
    lines = (PROJECT_ROOT / "constraints.txt").read_text().splitlines()
    assert [
        line for line in lines if not re.fullmatch(r"[a-z0-9._-]+==[A-Za-z0-9.+!]+", line)
    ] == []


def test_every_dependency_is_in_the_constraints():
    import tomllib

    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())["project"]
    extras = [name for extra in project["optional-dependencies"].values() for name in extra]
    wanted = {
        re.split(r"[\[<>=!~ ]", dependency)[0].lower().replace("_", "-")
        for dependency in [*project["dependencies"], *extras]
    }
    lines = (PROJECT_ROOT / "constraints.txt").read_text().splitlines()
    assert wanted - {line.split("==")[0] for line in lines} == set()


def test_no_lock_file_that_records_addresses():
    names = {path.name for path in tracked_files()}
    assert not names & {
        "uv.lock",
        "pylock.toml",
        "poetry.lock",
        "Pipfile.lock",
        "package-lock.json",
    }


@pytest.mark.parametrize(
    "path",
    [path for path in tracked_files() if path.suffix == ".py"],
    ids=lambda path: str(path.relative_to(PROJECT_ROOT)),
)
def test_module_opens_with_what_it_holds(path):
    source = path.read_text(encoding="utf-8")
    if source.strip():
        assert ast.get_docstring(ast.parse(source))


def test_definitions_load_and_never_list():
    source = (PROJECT_ROOT / "dagster_project" / "definitions.py").read_text()
    assert len(source.splitlines()) < 30
    assert "assets=" not in source


def test_telemetry_is_off_by_configuration_that_ships():
    import yaml

    dagster = yaml.safe_load((PROJECT_ROOT / "dagster.yaml").read_text())
    dbt = yaml.safe_load((PROJECT_ROOT / "dbt" / "dbt_project.yml").read_text())
    assert dagster["telemetry"]["enabled"] is False
    assert dbt["flags"]["send_anonymous_usage_stats"] is False


def test_shipped_policy_is_in_force_for_the_oldest_data():
    # A company brings the nineties too; policy that starts later would leave them without owner.
    later = []
    for path in sorted((PROJECT_ROOT / "seeds" / "policy").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines)
            later += [
                (path.name, rows.line_num)
                for row in rows
                if row.get("valid_from") and row["valid_from"] > "1900-01-01"
            ]
    assert later == []
