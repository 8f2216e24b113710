"""Each mistake in a policy is told with file, row, column and cure, and a right one passes."""

import csv
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.schemes.lint import lint
from dagster_project.schemes.reader import FILES, read_folder
from dagster_project.settings import PROJECT_ROOT, SEEDS_DIR

SCHEME, SEGMENT, LIMIT, ATTRIBUTE, RULE = FILES

# check, file, row (the header is row 1), column, value that is written there
ONE_CELL = [
    ("NOT_A_NUMBER", SCHEME, 2, "window_months", "a year"),
    ("NOT_A_NUMBER", SCHEME, 2, "dormant_min_days", "1.5"),
    ("NOT_A_NUMBER", LIMIT, 3, "threshold_down", ""),
    ("OUT_OF_RANGE", SCHEME, 2, "record_lag_days", "40"),
    ("OUT_OF_RANGE", ATTRIBUTE, 2, "weight", "-0.4"),
    ("ZERO_WEIGHT", ATTRIBUTE, 2, "weight", "0"),
    ("WEIGHTS_NOT_ONE", ATTRIBUTE, 5, "weight", "0.25"),
    ("UNKNOWN_WORD", SCHEME, 2, "status", "LIVE"),
    ("UNKNOWN_WORD", SCHEME, 2, "purpose", "MARKETING"),
    ("UNKNOWN_WORD", ATTRIBUTE, 3, "attribute_id", "shoe_size"),
    ("UNKNOWN_WORD", ATTRIBUTE, 3, "direction", "UP"),
    ("UNKNOWN_WORD", ATTRIBUTE, 3, "null_policy", "GUESS"),
    ("UNKNOWN_WORD", SEGMENT, 6, "kind", "NEW"),
    ("EMPTY_TEXT", SEGMENT, 2, "label", ""),
    ("NO_OWNER", SCHEME, 2, "owner", ""),
    ("FREEZE_UNREADABLE", RULE, 16, "freeze_windows", '["11-01/13-31"]'),
    ("UNKNOWN_SEGMENT", RULE, 13, "target_segment", "S9"),
    ("INVERTED_BAND", LIMIT, 2, "threshold_down", "90"),
    ("OVERLAPPING_BANDS", LIMIT, 3, "threshold_up", "78"),
    ("LAST_TIER_LIMIT", LIMIT, 5, "threshold_up", "10"),
    ("WRONG_RANK", SEGMENT, 4, "tier_rank", "7"),
    ("WRONG_RANK", SEGMENT, 6, "tier_rank", "5"),
    ("NO_SPECIAL_SEGMENT", SEGMENT, 7, "segment_code", "D9"),
    ("UNKNOWN_TIER", LIMIT, 4, "segment_code", "S9"),
    ("NO_THRESHOLD", LIMIT, 4, "segment_code", "S9"),
    ("UNKNOWN_SCHEME", ATTRIBUTE, 4, "scheme_id", "servise"),
    ("LIMITS_SWAPPED", SCHEME, 2, "winsor_high_pct", "1"),
    ("LIMITS_SWAPPED", SCHEME, 2, "onboarding_max_days", "30"),
    ("DUPLICATE_KEY", SEGMENT, 3, "segment_code", "S1"),
    ("DUPLICATE_KEY", ATTRIBUTE, 3, "attribute_id", "net_revenue"),
    ("NO_ACTIVE_SCHEME", SCHEME, 2, "status", "DRAFT"),
    ("NO_ATTRIBUTE", SCHEME, 2, "scheme_id", "services"),
]

# Mistakes in the files around a scheme: kind, file, row, column, value.
FILES_AROUND = {
    "DATE_UNREADABLE": ("segment_raci", 2, "valid_from", "soon"),
    "PROMISE_INVERTED": ("tier_commercial", 4, "otif_promise", "0.99"),
    "UNKNOWN_SETTING": ("scheme_setting", 3, "setting_name", "forecast_month"),
    "NO_SETTING": ("scheme_setting", 3, "setting_name", "forecast_month"),
    "NO_PROMISE": ("tier_commercial", 5, "segment_code", "S9"),
    "AMOUNT_TWICE": ("onboarding_tier", 3, "min_amount_group", "10000"),
    "ROUTE_TWICE": ("approval_matrix", 4, "route", "EMERGENCY"),
    "UNKNOWN_ROLE": ("approval_matrix", 4, "roles", "ceo"),
    "UNKNOWN_OBJECT": ("segment_raci", 6, "object_id", "service:S9"),
}

# Where a mistake in one row is told of another one.
TOLD_ELSEWHERE = {
    "NO_SPECIAL_SEGMENT": (SCHEME, 2, "scheme_id"),
    "NO_THRESHOLD": (SEGMENT, 4, "segment_code"),
    "NO_ACTIVE_SCHEME": (SCHEME, 0, "status"),
}


@pytest.fixture
def folder(tmp_path):
    for name in FILES:
        shutil.copy(SEEDS_DIR / "policy" / f"{name}.csv", tmp_path)
    return tmp_path


def edit(folder, name, change):
    path = folder / f"{name}.csv"
    with path.open(newline="") as handle:
        header, *rows = list(csv.reader(handle))
    header, rows = change(header, rows)
    with path.open("w", newline="") as handle:
        csv.writer(handle).writerows([header, *rows])


def write_cell(folder, name, line, column, value):
    def change(header, rows):
        rows[line - 2][header.index(column)] = value
        return header, rows

    edit(folder, name, change)


def places(found):
    return [(one.check, one.file, one.row, one.column) for one in found]


def test_policy_that_ships_has_no_mistake():
    assert lint(SEEDS_DIR / "policy") == []


@pytest.mark.parametrize(
    ("check", "name", "line", "column", "value"),
    ONE_CELL,
    ids=[f"{check} {column}" for check, _, _, column, _ in ONE_CELL],
)
def test_mistake_in_a_cell_is_found_where_it_is(folder, check, name, line, column, value):
    write_cell(folder, name, line, column, value)
    found = lint(folder)
    file, row, told = TOLD_ELSEWHERE.get(check, (name, line, column))
    assert (check, f"{file}.csv", row, told) in places(found)
    assert all(one.problem and one.cure for one in found)


@pytest.mark.parametrize("check", FILES_AROUND)
def test_mistake_in_a_file_around_the_scheme_is_found(tmp_path, check):
    around = shutil.copytree(SEEDS_DIR / "policy", tmp_path / "policy")
    name, line, column, value = FILES_AROUND[check]
    write_cell(around, name, line, column, value)
    assert check in {one.check for one in lint(around) if one.file == f"{name}.csv"}


def test_there_are_at_least_twenty_kinds_of_mistake():
    assert len({check for check, *_ in ONE_CELL}) >= 20


def test_second_active_scheme_for_one_purpose_is_found(folder):
    def double(header, rows):
        return header, [*rows, ["other", *rows[0][1:]]]

    edit(folder, SCHEME, double)
    found = lint(folder)
    assert ("PURPOSE_TWICE", "segment_scheme.csv", 3, "purpose") in places(found)
    write_cell(folder, SCHEME, 3, "record_lag_days", "6")
    assert ("RECORD_LAG_DIFFERS", "segment_scheme.csv", 3, "record_lag_days") in places(
        lint(folder)
    )


def test_scheme_with_one_tier_is_found(folder):
    edit(folder, SEGMENT, lambda header, rows: (header, [rows[0], *rows[4:]]))
    assert "TOO_FEW_TIERS" in {one.check for one in lint(folder)}


def test_missing_file_is_told_alone(folder):
    (folder / "segment.csv").unlink()
    assert places(lint(folder)) == [("MISSING_FILE", "segment.csv", 0, "")]


def test_missing_column_is_told_alone(folder):
    edit(folder, LIMIT, lambda header, rows: (header[:3], [row[:3] for row in rows]))
    assert places(lint(folder)) == [
        ("MISSING_COLUMN", "segment_threshold.csv", 1, "threshold_down")
    ]


def test_row_that_a_comma_has_torn_is_found(folder):
    path = folder / "segment.csv"
    path.write_text(path.read_text().replace("Strong customers below", "Strong, customers below"))
    assert places(lint(folder)) == [("RAGGED_ROW", "segment.csv", 3, "")]


def test_file_without_a_row_is_found(folder):
    edit(folder, ATTRIBUTE, lambda header, _: (header, []))
    assert places(lint(folder)) == [("EMPTY_FILE", "scheme_attribute.csv", 1, "")]


def test_several_mistakes_are_told_at_once_in_the_order_of_the_files(folder):
    write_cell(folder, LIMIT, 2, "threshold_down", "90")
    write_cell(folder, ATTRIBUTE, 3, "direction", "UP")
    write_cell(folder, SCHEME, 2, "owner", "")
    assert [one.file for one in lint(folder)] == [
        "scheme_attribute.csv",
        "segment_scheme.csv",
        "segment_threshold.csv",
    ]


def test_blanks_around_a_value_and_a_byte_order_mark_are_no_mistake(folder):
    path = folder / "segment_threshold.csv"
    path.write_text("\ufeff" + path.read_text().replace(",85,", ", 85 ,"), encoding="utf-8")
    assert lint(folder) == []


def test_every_kind_of_mistake_that_is_looked_for_has_an_example():
    package = PROJECT_ROOT / "dagster_project" / "schemes"
    source = "".join(path.read_text() for path in sorted(package.glob("lint*.py")))
    kinds = set(re.findall(r'"([A-Z]+_[A-Z_]+)"', source))
    example = Path(__file__).read_text()
    example += " ".join(f'"{kind}"' for kind in FILES_AROUND)
    assert len(kinds) > 20
    assert [kind for kind in sorted(kinds) if f'"{kind}"' not in example] == []


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_what_the_build_refuses_is_found_before(data):
    with TemporaryDirectory() as place:
        folder = Path(place)
        for name in FILES:
            shutil.copy(SEEDS_DIR / "policy" / f"{name}.csv", folder)
        name = data.draw(st.sampled_from(FILES))
        with (folder / f"{name}.csv").open(newline="") as handle:
            header, *rows = list(csv.reader(handle))
        line = data.draw(st.integers(2, len(rows) + 1))
        column = data.draw(st.sampled_from(header))
        value = data.draw(st.sampled_from(["", "0", "-1", "40", "99", "S1", "S9", "x", "1e400"]))
        write_cell(folder, name, line, column, value)
        if not lint(folder):
            assert read_folder(folder)
