"""Each mistake in a policy is refused by `tierline policy lint` with file, row, column and cure.

A case says in words what somebody did wrong, edits a copy of the policy that ships, and names the
place and the beginning of the cure that the person is told.
"""

import csv
import re
import shutil

import pytest

from dagster_project.cli.main import run
from dagster_project.errors import EXIT_OK, EXIT_RED
from dagster_project.settings import SEEDS_DIR

POLICY = SEEDS_DIR / "policy"

RULE, SCHEME, SEGMENT, BAND = "reclass_rule", "segment_scheme", "segment", "segment_threshold"
ATTRIBUTE, RACI, PROMISE, PURPOSE = (
    *("scheme_attribute", "segment_raci", "tier_commercial", "scheme_purpose"),
)
SETTING, QUESTION, APPROVAL = "scheme_setting", "expectation_item", "approval_matrix"
ONBOARDING = "onboarding_tier"
REGISTRY, ELEMENT, ASSIGNED = "metric_definition", "service_element", "kpi_assignment"

# What was done wrong; file, row, column, what is written there; the cure that is told.
ONE_CELL = {
    "a rule measures what nobody measures": (
        (RULE, 14, "metric_id", "shoe_size"),
        "Write one of the known metrics",
    ),
    "a band of a rule is upside down": (
        (RULE, 14, "threshold_up", "70", "threshold_down", "80"),
        "Swap the two thresholds",
    ),
    "a rule moves to a segment that is not there": (
        (RULE, 14, "target_segment", "S9"),
        "Write one of S1",
    ),
    "a rule says nothing about when it takes effect that can be understood": (
        (RULE, 14, "effective_policy", "SOON"),
        "Join known steps by +",
    ),
    "a downgrade needs notice of no days": (
        (RULE, 17, "effective_policy", "AFTER_NOTICE", "notice_days_customer", "0"),
        "Write AFTER_NOTICE(30)",
    ),
    "a rule is approved by somebody who is no route": (
        (RULE, 14, "approval", "CEO"),
        "Write one of AUTO",
    ),
    "a rule looks at customers through an attribute that is not allowed": (
        (RULE, 2, "scope_filter", "favourite_colour = 'red'"),
        "Use attributes",
    ),
    "a rule ends before it begins": (
        (RULE, 14, "valid_to", "1899-12-31"),
        "Let valid_to be later",
    ),
    "a rule may undercut a contract": (
        (RULE, 17, "respects_contract_floor", "false"),
        "Write true",
    ),
    "a freeze names a day that no calendar has": (
        (RULE, 17, "freeze_windows", '["11-01/13-31"]'),
        "Write a list such as",
    ),
    "a rule has no owner": ((RULE, 14, "owner", ""), "Name who answers"),
    "a rule tells its reason with a word that cannot be filled in": (
        (RULE, 14, "explain_template", "Because of {weather}."),
        "Use {",
    ),
    "a tier is lost above where it is won": (
        (BAND, 2, "threshold_down", "90"),
        "Write a number up to 85",
    ),
    "two bands overlap": ((BAND, 3, "threshold_up", "80"), "Stay below 78"),
    "the window of a scheme is no number": (
        (SCHEME, 2, "window_months", "a year"),
        "Write a whole number from 1 to 60",
    ),
    "nobody can tell whether approvals are enforced": (
        (SCHEME, 2, "approval_enforced", "sometimes"),
        "Write one of true, false",
    ),
    "a scheme is onboarding for longer than it allows": (
        (SCHEME, 2, "onboarding_max_days", "30"),
        "Write a number above 90",
    ),
    "two tiers have the same rank": (
        (SEGMENT, 4, "tier_rank", "1"),
        "Number the tiers from 1",
    ),
    "the same segment is there twice": (
        (SEGMENT, 3, "segment_code", "S1"),
        "Delete one of the rows",
    ),
    "a scheme scores an attribute that nobody computes": (
        (ATTRIBUTE, 3, "attribute_id", "shoe_size"),
        "Write one of active",
    ),
    "the weights do not add up to one": (
        (ATTRIBUTE, 5, "weight", "0.25"),
        "Change the weights of the scheme by -0.1",
    ),
    "a weight is negative": ((ATTRIBUTE, 2, "weight", "-0.4"), "Write a number from 0 to 1"),
    "nobody has said what a missing value is worth": (
        (ATTRIBUTE, 3, "null_policy", ""),
        "Write one of",
    ),
    "an owner is named for a segment that is not there": (
        (RACI, 6, "object_id", "service:S9"),
        "Write * or one such as",
    ),
    "an owner is nobody": ((RACI, 2, "person_id", ""), "Fill it in"),
    "a letter is none of A, R, C and I": ((RACI, 4, "raci", "B"), "Write one of A, R, C, I"),
    "the day from which an owner answers is no day": (
        (RACI, 2, "valid_from", "1st of May"),
        "Write the date as 2026-01-31",
    ),
    "nobody answers for the segments": (
        (RACI, 6, "raci", "C"),
        "Give one of its rows the letter A",
    ),
    "only one function answers and works": (
        (RACI, 7, "function_code", "SC"),
        "Add a row with letter R of another function",
    ),
    "a promise is more than everything": (
        (PROMISE, 2, "otif_promise", "98"),
        "Write a number from 0 to 1",
    ),
    "a lower tier is promised more than a higher one": (
        (PROMISE, 4, "otif_promise", "0.99"),
        "Write at most 0.95",
    ),
    "a promise is for a tier that is not there": (
        (PROMISE, 5, "segment_code", "S9"),
        "Write one of S1, S2, S3, S4",
    ),
    "an active scheme has no consumer": ((PURPOSE, 3, "consumer", ""), "Name the consumer"),
    "two active schemes are for the same": (
        (PURPOSE, 3, "purpose", "SERVICE_DIFFERENTIATION"),
        "Retire one of the two",
    ),
    "codes are to be made in a way that nobody knows": (
        (PURPOSE, 3, "coding", "BY_HAND"),
        "Write one of TIER",
    ),
    "a setting has a slip of the pen in its name": (
        (SETTING, 3, "setting_name", "forecast_month"),
        "Correct the name",
    ),
    "a share is given in percent": (
        (SETTING, 4, "setting_value", "80"),
        "Write a share from 0 to 1",
    ),
    "the smaller of two settings is the larger": (
        (SETTING, 10, "setting_value", "2"),
        "Write a number above 2",
    ),
    "a setting has no reason": ((SETTING, 2, "why", ""), "Fill it in"),
    "a question does not say whether more is harder": (
        (QUESTION, 3, "is_higher_harder", "sometimes"),
        "Write one of true, false",
    ),
    "a question is asked twice": (
        (QUESTION, 3, "item_id", "EXP_LEAD_TIME"),
        "Delete one of the rows",
    ),
    "a request would be approved by a role that nobody has": (
        (APPROVAL, 6, "roles", "segment_owner owner_of_all"),
        "Write some of segment_owner",
    ),
    "a route is for at least more than at most": (
        (APPROVAL, 6, "min_steps", "3"),
        "Write a number above 3",
    ),
    "a route does with contracts what nobody knows": (
        (APPROVAL, 3, "contract", "IGNORES"),
        "Write one of *, BREAKS, KEEPS",
    ),
    "a route never expires": (
        (APPROVAL, 3, "expires_after_days", "0"),
        "Write a whole number from 1 to 365",
    ),
    "two routes have one name": ((APPROVAL, 4, "route", "EMERGENCY"), "Give the route a name"),
    "a newcomer is given a tier that is not there": (
        (ONBOARDING, 3, "segment_code", "S7"),
        "Write one of S1",
    ),
    "two tiers begin at the same opportunity": (
        (ONBOARDING, 3, "min_amount_group", "10000"),
        "Give each tier an amount of its own",
    ),
}

ONE_CELL |= {
    "an element of service is measured by what nobody has defined": (
        (ELEMENT, 3, "metric_id", "SHOE_SIZE"),
        "Define it in metric_definition.csv",
    ),
    "a function answers for what nobody has defined": (
        (ASSIGNED, 2, "metric_id", "SHOE_SIZE"),
        "Define it in metric_definition.csv",
    ),
    "a metric is in a unit that nobody knows": (
        (REGISTRY, 2, "unit", "percent"),
        "Write one of share",
    ),
    "a metric has no owner": ((REGISTRY, 2, "owner", ""), "Fill it in"),
    "the weights of a function do not add up to one": (
        (ASSIGNED, 3, "weight", "0.6"),
        "Change the weights of the function by -0.1",
    ),
    "a function is its own counterweight": (
        (ASSIGNED, 2, "counter_function", "supply_chain"),
        "Name another function",
    ),
}

# The mistake shows in another place than the one that was edited: row, column.
TOLD_AT = {
    "a band of a rule is upside down": (14, "threshold_down"),
    "a downgrade needs notice of no days": (17, "effective_policy"),
    "two tiers have the same rank": (4, "tier_rank"),
    "only one function answers and works": (6, "function_code"),
    "a route is for at least more than at most": (6, "max_steps"),
}


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(POLICY, tmp_path / "policy")


def read(folder, name):
    with (folder / f"{name}.csv").open(newline="") as handle:
        return list(csv.reader(handle))


def write(folder, name, rows):
    with (folder / f"{name}.csv").open("w", newline="") as handle:
        csv.writer(handle).writerows(rows)


def edit(folder, name, line, *cells):
    rows = read(folder, name)
    for column, value in zip(cells[::2], cells[1::2], strict=True):
        rows[line - 1][rows[0].index(column)] = value
    write(folder, name, rows)


def told(capsys, folder):
    """What the command says, one mistake per line, after it has said that the policy is red."""
    assert run(["policy", "lint", str(folder)]) == EXIT_RED
    return capsys.readouterr().out


def test_the_policy_that_ships_has_no_mistake(folder, capsys):
    assert run(["policy", "lint", str(folder)]) == EXIT_OK
    assert "No mistake" in capsys.readouterr().out


@pytest.mark.parametrize("mistake", ONE_CELL)
def test_a_mistake_is_told_with_file_row_column_and_cure(folder, capsys, mistake):
    (name, line, *cells), cure = ONE_CELL[mistake]
    edit(folder, name, line, *cells)
    row, column = TOLD_AT.get(mistake, (line, cells[0]))
    place = rf"{name}\.csv, row {row}, {column}: .*{re.escape(cure)}"
    assert re.search(place, told(capsys, folder))


def test_the_mistakes_are_many_and_in_every_file_of_a_scheme():
    assert len(ONE_CELL) >= 40
    assert {case[0][0] for case in ONE_CELL.values()} == {
        *(RULE, SCHEME, SEGMENT, BAND, ATTRIBUTE, RACI, PROMISE, PURPOSE, SETTING),
        *(QUESTION, APPROVAL, ONBOARDING, REGISTRY, ELEMENT, ASSIGNED),
    }


def test_two_people_who_answer_for_one_segment_on_the_same_day_are_told(folder, capsys):
    rows = read(folder, RACI)
    answers = [*rows[5]]
    assert answers[:3] == ["SEGMENT", "*", "A"]
    answers[4] = "somebody_else"
    write(folder, RACI, [*rows, answers])
    place = rf"segment_raci\.csv, row {len(rows) + 1}, raci: .*Keep one letter A"
    assert re.search(place, told(capsys, folder))


def test_one_person_asked_twice_for_the_same_days_is_told(folder, capsys):
    rows = read(folder, RACI)
    asked = [*rows[7]]
    asked[5] = "2026-01-01"
    write(folder, RACI, [*rows, asked])
    place = rf"segment_raci\.csv, row {len(rows) + 1}, valid_from: .*End one row where the other"
    assert re.search(place, told(capsys, folder))


def test_two_versions_of_a_rule_in_force_on_one_day_are_told(folder, capsys):
    rows = read(folder, RULE)
    newer = [*rows[13]]
    newer[rows[0].index("version")] = "2"
    newer[rows[0].index("valid_from")] = "2026-01-01"
    write(folder, RULE, [*rows, newer])
    place = rf"reclass_rule\.csv, row {len(rows) + 1}, valid_from: .*End one version"
    assert re.search(place, told(capsys, folder))


def test_a_tier_without_a_promise_is_told(folder, capsys):
    rows = read(folder, PROMISE)
    write(folder, PROMISE, rows[:-1])
    assert re.search(
        r"tier_commercial\.csv, segment_code: no row for S4.*Add a row for S4",
        told(capsys, folder),
    )


def test_a_setting_that_is_gone_is_told(folder, capsys):
    rows = read(folder, SETTING)
    write(folder, SETTING, [row for row in rows if row[0] != "stability_draws"])
    assert re.search(
        r"scheme_setting\.csv, setting_name: .*Add a row for stability_draws",
        told(capsys, folder),
    )


@pytest.mark.parametrize("name", [PROMISE, PURPOSE, SETTING, RACI, QUESTION, APPROVAL, ONBOARDING])
def test_a_column_that_is_gone_is_told_for_every_file(folder, capsys, name):
    rows = read(folder, name)
    gone = rows[0][1]
    write(folder, name, [row[:1] + row[2:] for row in rows])
    assert re.search(rf"{name}\.csv, row 1, {gone}: .*Columns: ", told(capsys, folder))


def test_mistakes_in_several_files_are_told_at_once(folder, capsys):
    for name, line, column, value in (
        (PROMISE, 2, "otif_promise", "98"),
        (RACI, 2, "person_id", ""),
        (SETTING, 4, "setting_value", "80"),
    ):
        edit(folder, name, line, column, value)
    shown = told(capsys, folder)
    for file in ("tier_commercial", "segment_raci", "scheme_setting"):
        assert f"{file}.csv, row" in shown
