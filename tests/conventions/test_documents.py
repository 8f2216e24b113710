"""README, coverage and reference pages say what is there, and nothing that is not."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from project_files import models

from dagster_project.settings import PROJECT_ROOT

COVERAGE = PROJECT_ROOT / "docs" / "coverage.yml"
PAGES = [PROJECT_ROOT / "README.md", *sorted((PROJECT_ROOT / "docs").rglob("*.md"))]
STATUSES = {"works", "partial", "open"}


@cache
def commands() -> set[str]:
    from dagster_project.cli.main import app

    single = {command.callback.__name__ for command in app.registered_commands if command.callback}
    return single | {group.name for group in app.registered_groups if group.name}


def points() -> list[dict[str, Any]]:
    return yaml.safe_load(COVERAGE.read_text(encoding="utf-8"))


def ids(point: dict[str, Any]) -> str:
    return point["point"]


def test_all_72_points_are_there_once():
    expected = [f"{module}.{number}" for module in range(1, 10) for number in range(1, 9)]
    assert [point["point"] for point in points()] == expected


@pytest.mark.parametrize("point", points(), ids=ids)
def test_point_names_only_what_exists(point):
    assert point["status"] in STATUSES
    assert set(point["models"]) - set(models()) == set()
    assert set(point["commands"]) - commands() == set()
    for node in point["tests"]:
        path, _, name = node.partition("::")
        source = (PROJECT_ROOT / path).read_text(encoding="utf-8")
        assert not name or f"def {name.split('[')[0]}(" in source, node


@pytest.mark.parametrize("point", points(), ids=ids)
def test_point_is_proved_by_a_test_unless_it_is_open(point):
    if point["status"] == "open":
        assert point["models"] + point["commands"] + point["tests"] == []
    else:
        assert point["tests"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_names_only_commands_that_exist(page):
    named = re.findall(r"`?tierline ([a-z]+)\b", page.read_text(encoding="utf-8"))
    prose = {"is", "has", "lands", "can", "does", "and"}
    assert {name for name in named if name not in prose} - commands() == set()


def test_readme_names_every_command():
    text = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in sorted(commands()) if f"`tierline {name}`" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_tree_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_readme_names_only_make_targets_that_exist():
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT_ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`?make ([a-z-]+)\b", (PROJECT_ROOT / "README.md").read_text()))
    assert named - targets == set()


def test_readme_names_only_folders_that_exist():
    text = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:dagster_project|dbt|seeds|docs|expectations)/?[\w/.-]*)`", text)
    assert [name for name in named if not Path(PROJECT_ROOT / name).exists()] == []
