"""Purposes and settings of schemes are refused with file, row, column and cure."""

import csv
from datetime import date
from pathlib import Path

import pytest

from dagster_project.errors import UsageError
from dagster_project.schemes.policy import parse_purposes, parse_settings
from dagster_project.settings import SEEDS_DIR

POLICY = Path(SEEDS_DIR) / "policy"


def rows(name):
    with (POLICY / f"{name}.csv").open(newline="") as handle:
        return list(csv.DictReader(handle))


def scheme(scheme_id="service", **values):
    return {
        "scheme_id": scheme_id,
        "purpose": "SERVICE_DIFFERENTIATION",
        "status": "ACTIVE",
        "owner": "supply_chain",
        "consumer": "order_promising",
        "coding": "TIER",
        "version": "1",
        "needs_signoff": False,
        "valid_from": date(2020, 1, 1),
    } | values


def test_shipped_policy_is_usable():
    assert parse_settings(rows("scheme_setting")).granularity_min_segments == 2
    assert [one.scheme_id for one in parse_purposes(rows("scheme_purpose"))] == [
        "demand",
        "network",
        "service",
    ]


def test_second_active_scheme_with_the_same_purpose_is_refused_and_a_draft_is_not():
    with pytest.raises(UsageError) as caught:
        parse_purposes([scheme(), scheme("tiers_2026")])
    assert "scheme_purpose.csv, row tiers_2026, column status" in caught.value.why
    assert "already served by service" in caught.value.why
    assert "retire one" in caught.value.fix
    assert len(parse_purposes([scheme(), scheme("tiers_2026", status="DRAFT")])) == 2


@pytest.mark.parametrize(
    ("values", "finding"),
    [
        ({"owner": None}, "no owner"),
        ({"consumer": " "}, "no consumer"),
        ({"owner": "", "consumer": None}, "no owner and no consumer"),
        ({}, None),
    ],
)
def test_scheme_without_owner_or_consumer_is_flagged(values, finding):
    [found] = parse_purposes([scheme(**values)])
    assert found.finding == finding


@pytest.mark.parametrize(
    ("values", "column"), [({"status": "ON"}, "status"), ({"coding": "MAGIC"}, "coding")]
)
def test_unknown_word_names_row_and_column(values, column):
    with pytest.raises(UsageError, match=f"row service, column {column}"):
        parse_purposes([scheme(**values)])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda r: r[1:], "expected a row"),
        (lambda r: [*r, r[0]], "stands there twice"),
        (lambda r: [*r, {**r[0], "setting_name": "typo"}], "no such setting"),
        (lambda r: [{**r[0], "setting_value": "1.5"}, *r[1:]], "a whole number"),
        (lambda r: [{**r[0], "setting_value": "-1"}, *r[1:]], "zero or more"),
        (lambda r: [{**r[0], "setting_value": "many"}, *r[1:]], "is no number"),
    ],
    ids=["missing", "twice", "unknown", "not whole", "negative", "text"],
)
def test_wrong_setting_names_file_and_row(change, why):
    with pytest.raises(UsageError, match=f"scheme_setting.csv, row .*{why}"):
        parse_settings(change(rows("scheme_setting")))
