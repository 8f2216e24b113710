"""The approval matrix sends each move to the people who answer for it, or names its bad cell."""

import csv
from decimal import Decimal

import pytest
from request_cases import POLICY

from dagster_project.errors import UsageError
from dagster_project.governance.requests.matrix import load_policy
from dagster_project.settings import SEEDS_DIR


def route(old, new, revenue="1000", is_emergency=False, breaks=None):
    amount = None if revenue is None else Decimal(revenue)
    return POLICY.route(POLICY.move("service", old, new, amount, is_emergency, breaks))


@pytest.mark.parametrize(
    ("old", "new", "revenue", "name"),
    [
        ("S3", "S2", "249999.99", "UP"),
        ("S3", "S2", "250000", "UP_LARGE"),
        ("S3", "S2", None, "UP_LARGE"),
        ("S3", "S1", "1", "COMMITTEE_STEPS"),
        ("S2", "S3", "999999.99", "DOWN"),
        ("S2", "S3", "1000000", "COMMITTEE_REVENUE"),
        ("S2", "S3", None, "COMMITTEE_REVENUE"),
        ("S1", "S4", "1", "COMMITTEE_STEPS"),
        ("S2", "X0", "1", "SPECIAL"),
        ("D0", "S1", "1", "SPECIAL"),
    ],
)
def test_direction_steps_and_revenue_decide_who_approves(old, new, revenue, name):
    assert route(old, new, revenue).name == name


@pytest.mark.parametrize(("old", "new"), [("S2", "S3"), ("S4", "S3"), ("S2", "N0")])
def test_a_move_below_a_contract_goes_to_everybody_who_answers_for_it(old, new):
    found = route(old, new, breaks=True)
    assert found.name == "CONTRACT"
    assert found.roles == ("segment_owner", "sales", "finance", "committee")
    assert route(old, new, breaks=False).name == route(old, new, breaks=None).name != "CONTRACT"


def test_a_matrix_without_a_word_about_contracts_is_for_any(tmp_path):
    (tmp_path / "segment.csv").write_text((SEEDS_DIR / "policy" / "segment.csv").read_text())
    rows = list(csv.DictReader((SEEDS_DIR / "policy" / "approval_matrix.csv").open(newline="")))
    with (tmp_path / "approval_matrix.csv").open("w", newline="") as file:
        names = [name for name in rows[0] if name != "contract"]
        writer = csv.DictWriter(file, names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(row for row in rows if row["route"] != "CONTRACT")
    policy = load_policy(tmp_path)
    assert {one.contract for one in policy.routes} == {"*"}
    assert policy.route(policy.move("service", "S2", "S3", Decimal(1), False, True)).name == "DOWN"


def test_an_emergency_goes_its_own_way():
    found = route("S3", "S1", is_emergency=True)
    assert (found.name, found.expires_after_days) == ("EMERGENCY", 1)


def test_every_move_of_the_shipped_policy_has_a_route():
    codes = POLICY.segments["service"]
    for old in codes:
        for new in codes:
            for revenue in (None, "-5", "0", "250000", "5000000"):
                for breaks in (None, True, False):
                    for is_emergency in (False, True):
                        if old != new:
                            assert route(old, new, revenue, is_emergency, breaks).roles


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("rank", "", "must not be blank"),
        ("rank", "first", "whole number"),
        ("rank", "10", "there twice"),
        ("route", "EMERGENCY", "there twice"),
        ("scheme_id", "other", "one of service"),
        ("direction", "SIDEWAYS", "UP, DOWN, SPECIAL"),
        ("is_emergency", "yes", "true or false"),
        ("contract", "MAYBE", "BREAKS, KEEPS"),
        ("contract", "", "must not be blank"),
        ("roles", "boss", "some of segment_owner"),
        ("roles", "sales sales", "each once"),
        ("min_steps", "3", "not be below min_steps"),
        ("max_steps", "-1", "whole number"),
        ("min_revenue", "2000000", "above min_revenue"),
        ("max_revenue", "much", "an amount"),
        ("max_revenue", "NaN", "an amount"),
        ("expires_after_days", "0", "at least 1"),
        ("why", "", "must not be blank"),
    ],
)
def test_a_cell_that_cannot_be_meant_is_named_with_row_and_column(tmp_path, column, value, why):
    for name in ("segment.csv", "approval_matrix.csv"):
        (tmp_path / name).write_text((SEEDS_DIR / "policy" / name).read_text())
    path = tmp_path / "approval_matrix.csv"
    rows = list(csv.DictReader(path.open(newline="")))
    assert rows[4]["route"] == "DOWN"
    rows[4][column] = value
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(UsageError, match=why) as error:
        load_policy(tmp_path)
    assert "approval_matrix.csv" in str(error.value)
    limit = {"min_steps": "max_steps", "min_revenue": "max_revenue"}
    assert f"Row 6, column {limit.get(column, column)}" in error.value.why


def test_a_request_that_nobody_could_approve_is_refused():
    from dataclasses import replace

    policy = replace(POLICY, routes=())
    with pytest.raises(UsageError, match="Nobody could approve") as error:
        policy.route(policy.move("service", "S3", "S2", None, False))
    assert "approval_matrix.csv" in error.value.fix
