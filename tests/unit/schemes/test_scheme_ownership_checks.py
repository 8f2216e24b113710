"""Mistakes in purposes and owners are told with file, row, column and cure."""

import csv
import shutil

import pytest

from dagster_project.schemes.lint import lint
from dagster_project.settings import SEEDS_DIR

PURPOSE, RACI = "scheme_purpose", "segment_raci"


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(SEEDS_DIR / "policy", tmp_path / "policy")
    return tmp_path / "policy"


def change(folder, name, row, **cells):
    path = folder / f"{name}.csv"
    with path.open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    rows[row - 2] |= cells
    with path.open("w", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_shipped_policy_has_no_mistake(folder):
    assert lint(folder) == []


@pytest.mark.parametrize(
    ("check", "file", "row", "column", "cells"),
    [
        ("UNKNOWN_WORD", PURPOSE, 2, "status", {"status": "LIVE"}),
        ("UNKNOWN_WORD", PURPOSE, 3, "coding", {"coding": "GUESS"}),
        ("NO_OWNER", PURPOSE, 2, "owner", {"owner": ""}),
        ("NO_CONSUMER", PURPOSE, 4, "consumer", {"consumer": ""}),
        ("PURPOSE_TWICE", PURPOSE, 3, "purpose", {"purpose": "SERVICE_DIFFERENTIATION"}),
        ("UNKNOWN_WORD", RACI, 5, "raci", {"raci": "X"}),
        ("UNKNOWN_WORD", RACI, 4, "function_code", {"function_code": "LEGAL"}),
        ("NO_OWNER", RACI, 2, "raci", {"raci": "C"}),
        ("SEVERAL_OWNERS", RACI, 4, "raci", {"raci": "A"}),
        ("NO_OTHER_FUNCTION", RACI, 2, "function_code", {"function_code": "SALES"}),
        ("EMPTY_VALIDITY", RACI, 5, "valid_to", {"valid_to": "1899-12-31"}),
    ],
)
def test_mistake_is_told_where_it_is(folder, check, file, row, column, cells):
    change(folder, file, row, **cells)
    found = lint(folder)
    assert [(one.check, one.file, one.row, one.column) for one in found] == [
        (check, f"{file}.csv", row, column)
    ]
    assert found[0].cure.endswith(".")


def test_an_owner_may_follow_another_but_not_overlap(folder):
    change(folder, RACI, 2, valid_to="2026-01-01")
    change(folder, RACI, 4, raci="A", function_code="SC", valid_from="2026-01-01")
    assert lint(folder) == []
    change(folder, RACI, 4, valid_from="2025-12-31")
    assert [one.check for one in lint(folder)] == ["SEVERAL_OWNERS"]
