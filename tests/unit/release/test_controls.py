"""Decisions about controls are refused where they would mean nothing."""

import csv

import pytest
from release_home import CONTROLS

from dagster_project.errors import UsageError
from dagster_project.release.controls import place_of, require_control
from dagster_project.settings import SEEDS_DIR

POLICY = SEEDS_DIR / "policy"


def test_policy_lists_every_control_once_with_its_owner():
    with (POLICY / "control.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert sorted(row["control_id"] for row in rows) == sorted(CONTROLS)
    assert all(row["owner"] and row["name"] for row in rows)


def test_difference_with_the_ledger_can_be_explained():
    require_control(POLICY, "R-02", must_be_explainable=True)


def test_fault_inside_the_warehouse_cannot_be_explained_but_waived():
    with pytest.raises(UsageError, match="cannot be explained"):
        require_control(POLICY, "R-13", must_be_explainable=True)
    require_control(POLICY, "R-13")


def test_unknown_control_is_refused_and_the_known_ones_are_named():
    with pytest.raises(UsageError, match="R-19"):
        require_control(POLICY, "R-99")


@pytest.mark.parametrize(
    ("dimension", "place"),
    [
        ("company=1000|period=2026-01|account=4000", ("1000", "2026-01")),
        ("period=2026-01|customer=C1|currency=EUR", ("*", "2026-01")),
        ("order=SO1|line=2", ("*", "*")),
        ("all", ("*", "*")),
    ],
)
def test_dimension_tells_company_and_period(dimension, place):
    assert place_of(dimension) == place
