"""The demand policy is read from the seed; a row that is wrong is named."""

import csv

import pytest

from dagster_project.demand.classes import Limits
from dagster_project.demand.policy import parse_limits
from dagster_project.errors import UsageError
from dagster_project.settings import PROJECT_ROOT

SEED = PROJECT_ROOT / "seeds" / "policy" / "demand_class_rule.csv"


def _rows(**changed):
    with SEED.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [
        row | {"limit_value": changed.get(row["limit_name"], row["limit_value"])} for row in rows
    ]


def test_limits_of_the_functions_are_those_of_the_policy():
    assert parse_limits(_rows()) == Limits()


def test_changed_row_changes_the_limit():
    assert parse_limits(_rows(adi_limit="1.5", min_demands="6")) == Limits(adi=1.5, min_demands=6)


@pytest.mark.parametrize("value", ["", "much", None, "0", "-1", "nan", "inf"])
def test_value_that_is_no_limit_is_named(value):
    with pytest.raises(UsageError, match=r"row cv2_limit, column limit_value"):
        parse_limits(_rows(cv2_limit=value))


def test_missing_row_is_named():
    rows = [row for row in _rows() if row["limit_name"] != "min_demands"]
    with pytest.raises(UsageError, match="row min_demands"):
        parse_limits(rows)


def test_row_that_stands_there_twice_is_named():
    with pytest.raises(UsageError, match="twice"):
        parse_limits([*_rows(), *_rows()])
