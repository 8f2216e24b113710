"""Each mistake in what is promised to whom is told with file, row, column and cure."""

import csv
import shutil

import pytest

from dagster_project.schemes.lint import lint
from dagster_project.settings import SEEDS_DIR

FILE = "service_promise.csv"


@pytest.fixture
def policy(tmp_path):
    shutil.copytree(SEEDS_DIR / "policy", tmp_path / "policy")
    return tmp_path / "policy"


def change(folder, edit):
    path = folder / FILE
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    edit(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def row_of(rows, code, element):
    return next(row for row in rows if (row["segment_code"], row["element"]) == (code, element))


def told(folder):
    return [(one.check, one.row, one.column) for one in lint(folder) if one.file == FILE]


def test_the_policy_of_the_project_has_none():
    assert told(SEEDS_DIR / "policy") == []


@pytest.mark.parametrize(
    ("element", "target"),
    [
        ("OTIF", "0.96"),
        ("UNIT_FILL_RATE", "0.98"),
        ("LINE_FILL_RATE", "0.97"),
        ("ORDER_ACCURACY", "0.995"),
        ("PERFECT_ORDER", "0.93"),
        # Of these a lower target is the stronger promise.
        ("LEAD_TIME_DAYS", "2"),
        ("MOQ", "0"),
        ("DELIVERY_WINDOW_H", "3"),
        ("CLAIM_RESPONSE_H", "7"),
        # And of these a higher one.
        ("ORDER_CUTOFF_LOCAL", "17"),
        ("RETURN_DAYS", "31"),
        ("ASN_H", "13"),
    ],
)
def test_a_lower_tier_with_a_stronger_promise_is_refused(policy, element, target):
    change(policy, lambda rows: row_of(rows, "S3", element).update(target=target))
    [found] = [one for one in lint(policy) if one.check == "PROMISE_INVERTED"]
    assert (found.file, found.column) == (FILE, "target")
    assert "better tier S2" in found.problem
    assert "Promise no more than row" in found.cure


def test_a_lower_tier_may_be_promised_as_much(policy):
    change(policy, lambda rows: row_of(rows, "S3", "LINE_FILL_RATE").update(target="0.96"))
    assert told(policy) == []


def test_one_class_of_articles_is_compared_with_what_the_better_tier_gets_for_it(policy):
    def edit(rows):
        rows.append(row_of(rows, "S2", "OTIF") | {"product_class": "F", "target": "0.985"})

    change(policy, edit)
    assert [check for check, *_ in told(policy)] == ["PROMISE_INVERTED"]


def test_a_promise_that_inverts_later_is_found_on_its_day(policy):
    def edit(rows):
        before = row_of(rows, "S2", "OTIF")
        rows.append(before | {"valid_from": "2030-01-01", "target": "0.99"})
        before["valid_to"] = "2030-01-01"

    change(policy, edit)
    [found] = [one for one in lint(policy) if one.check == "PROMISE_INVERTED"]
    assert "on 2030-01-01" in found.problem


def test_two_promises_of_one_scope_for_the_same_day_are_refused(policy):
    def edit(rows):
        rows.append(row_of(rows, "S2", "UNIT_FILL_RATE") | {"valid_from": "2025-01-01"})

    change(policy, edit)
    last = len((policy / FILE).read_text(encoding="utf-8").splitlines())
    assert told(policy) == [("TWO_PROMISES", last, "valid_from")]


def test_a_quoted_promise_that_is_another_than_the_promised_one_is_told(policy):
    def edit(rows):
        row_of(rows, "S1", "OTIF")["target"] = "0.985"

    change(policy, edit)
    found = [one for one in lint(policy) if one.check == "PROMISE_DIFFERS"]
    assert [(one.file, one.column) for one in found] == [("tier_commercial.csv", "otif_promise")]


@pytest.mark.parametrize(
    ("check", "column", "value"),
    [
        ("UNKNOWN_SEGMENT", "segment_code", "S9"),
        ("UNKNOWN_WORD", "element", "SPEED"),
        ("UNKNOWN_WORD", "unit", "hours"),
        ("UNKNOWN_WORD", "basis", "SHIP"),
        ("NOT_A_NUMBER", "target", "high"),
        ("OUT_OF_RANGE", "target", "98"),
        ("OUT_OF_RANGE", "penalty_group", "-5"),
        ("DATE_UNREADABLE", "valid_from", "soon"),
        ("DATE_UNREADABLE", "valid_to", "never"),
    ],
)
def test_a_cell_that_cannot_be_used_is_named(policy, check, column, value):
    change(policy, lambda rows: row_of(rows, "S2", "OTIF").update({column: value}))
    assert (check, 8, column) in told(policy)


def test_a_folder_without_the_file_and_one_without_a_column(policy):
    (policy / FILE).write_text("scheme_id,segment_code\nservice,S1\n", encoding="utf-8")
    assert {check for check, *_ in told(policy)} == {"MISSING_COLUMN"}
    (policy / FILE).unlink()
    assert told(policy) == []


def test_each_element_of_the_policy_is_explained_and_promised_to_every_tier():
    with (SEEDS_DIR / "policy" / "service_element.csv").open(newline="", encoding="utf-8") as file:
        elements = list(csv.DictReader(file))
    with (SEEDS_DIR / "policy" / FILE).open(newline="", encoding="utf-8") as file:
        promised = {(row["element"], row["segment_code"]) for row in csv.DictReader(file)}
    tiers = ("S1", "S2", "S3", "S4", "*")
    assert promised == {(one["element"], tier) for one in elements for tier in tiers}
    # What no feed measures says what is missing.
    silent = ("no feed", "not tied")
    for one in elements:
        assert one["metric_id"] or any(word in one["why"] for word in silent), one["element"]


@pytest.mark.parametrize(
    ("column", "value", "check"),
    [("stronger", "HIGHER", "UNKNOWN_WORD"), ("unit", "", "MISSING_VALUE")],
)
def test_an_element_that_does_not_say_its_direction_or_unit_is_named(policy, column, value, check):
    path = policy / "service_element.csv"
    rows = path.read_text(encoding="utf-8").splitlines()
    header = rows[0].split(",")
    cells = rows[1].split(",", len(header) - 1)
    cells[header.index(column)] = value
    path.write_text("\n".join([rows[0], ",".join(cells), *rows[2:]]) + "\n", encoding="utf-8")
    found = [one for one in lint(policy) if one.file == "service_element.csv"]
    assert [(one.check, one.row, one.column) for one in found] == [(check, 2, column)]
    assert found[0].cure.startswith("Write")


def test_promises_without_the_list_of_elements_are_refused(policy):
    (policy / "service_element.csv").unlink()
    missing = [one for one in lint(policy) if one.check == "MISSING_FILE"]
    assert [(one.file, one.row) for one in missing] == [("service_element.csv", 0)]
