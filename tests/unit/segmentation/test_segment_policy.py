"""The policy is taken as it ships, and refused with file, row and column when it is wrong."""

import pytest
from segment_cases import policy_rows

from dagster_project.errors import UsageError
from dagster_project.reclassification.effective import Calendar
from dagster_project.segmentation.attributes import ATTRIBUTES
from dagster_project.segmentation.policy import parse_policy
from dagster_project.segmentation.promised import check_periods
from dagster_project.segmentation.scores import UNIT

SCHEME, SEGMENT, THRESHOLD, ATTRIBUTE, RULE = range(5)


def test_shipped_policy_is_the_default_scheme():
    (scheme,) = parse_policy(*policy_rows())
    assert [(t.code, t.up // UNIT, t.down // UNIT) for t in scheme.tiers] == [
        ("S1", 85, 78),
        ("S2", 65, 58),
        ("S3", 35, 28),
        ("S4", 0, 0),
    ]
    rules = {rule.rule_id: rule for rule in scheme.rule_set.rules}
    up, down = rules["THRESHOLD_UP_S1"], rules["THRESHOLD_DOWN_S1"]
    assert (up.threshold_up, down.threshold_down) == (85, 78)
    assert (up.consecutive, up.min_dwell_days, up.notice_days) == (2, 90, 0)
    assert (down.consecutive, down.min_dwell_days, down.notice_days) == (3, 180, 30)
    assert [(one.first, one.last) for one in down.freeze_windows] == [((11, 1), (12, 31))]
    assert scheme.codes == ("S1", "S2", "S3", "S4", "N0", "D0", "X0")


def test_draft_scheme_is_not_evaluated():
    rows = policy_rows()
    rows[SCHEME][0]["status"] = "DRAFT"
    assert parse_policy(*rows) == []


@pytest.mark.parametrize(
    ("table", "row", "column", "value", "message"),
    [
        pytest.param(SCHEME, 0, "window_months", None, "segment_scheme.csv, row service", id="gap"),
        pytest.param(
            RULE, 11, "consecutive_evaluations", "two", "reclass_rule.csv, row 13", id="rule"
        ),
        pytest.param(RULE, 7, "target_segment", "S9", "(FIRST_SCORE_S1)", id="unknown segment"),
        pytest.param(
            RULE,
            7,
            "trigger_event",
            "SLA_BREACH_SERIES",
            "judged only when",
            id="no such event",
        ),
        pytest.param(
            THRESHOLD, 1, "threshold_up", "high", "segment_threshold.csv, row S2", id="word"
        ),
        pytest.param(
            THRESHOLD, 1, "threshold_down", 70, "must not exceed 65", id="band upside down"
        ),
        pytest.param(
            THRESHOLD, 1, "threshold_up", 78, "below threshold_down of S1", id="bands touch"
        ),
        pytest.param(ATTRIBUTE, 0, "weight", 0, "expected more than zero", id="no weight"),
        pytest.param(ATTRIBUTE, 0, "direction", "UP", "HIGHER or LOWER", id="direction"),
        pytest.param(ATTRIBUTE, 0, "null_policy", "GUESS", "REWEIGHT", id="null policy"),
        pytest.param(ATTRIBUTE, 0, "attribute_id", "charm", "net_revenue", id="unknown attribute"),
    ],
)
def test_wrong_value_names_file_row_and_column(table, row, column, value, message):
    rows = policy_rows()
    rows[table][row][column] = value
    with pytest.raises(UsageError) as caught:
        parse_policy(*rows)
    assert message in caught.value.why
    assert f"column {column}" in caught.value.why


def test_second_active_scheme_with_the_same_purpose_is_refused():
    rows = policy_rows()
    rows[SCHEME].append(rows[SCHEME][0] | {"scheme_id": "service2"})
    with pytest.raises(UsageError, match="service already serves it"):
        parse_policy(*rows)


def test_active_schemes_share_the_record_time():
    rows = policy_rows()
    rows[SCHEME].append(
        rows[SCHEME][0]
        | {"scheme_id": "demand", "purpose": "DEMAND_PLANNING", "record_lag_days": 9}
    )
    with pytest.raises(UsageError, match="record_lag_days"):
        parse_policy(*rows)


def test_every_attribute_says_what_it_measures():
    assert all(function.__doc__ for function in ATTRIBUTES.values())


def test_scheme_without_a_rule_is_refused():
    rows = policy_rows()
    rows[RULE] = [row | {"scheme_id": "other"} for row in rows[RULE]]
    with pytest.raises(UsageError, match=r"no row in reclass_rule\.csv"):
        parse_policy(*rows)


def test_rule_without_thresholds_takes_the_band_of_its_tier_and_others_keep_their_own():
    rows = policy_rows()
    own = {"threshold_up": "90", "threshold_down": "70"}
    rows[RULE] = [row | own if row["rule_id"] == "THRESHOLD_UP_S1" else row for row in rows[RULE]]
    rows[THRESHOLD][1]["threshold_up"] = "66"
    (scheme,) = parse_policy(*rows)
    limits = {rule.rule_id: rule.threshold_up for rule in scheme.rule_set.rules}
    assert (limits["THRESHOLD_UP_S1"], limits["THRESHOLD_UP_S2"]) == (90, 66)
    assert limits["FIRST_SCORE_S2"] == 66


def test_window_in_fiscal_periods_needs_periods_that_are_months():
    rows = policy_rows()
    score = next(row for row in rows[RULE] if row["rule_id"] == "THRESHOLD_UP_S1")
    score["window_unit"] = "FISCAL_PERIOD"
    (scheme,) = parse_policy(*rows)
    check_periods(scheme, Calendar.of_months(2024, 2025).period_starts)
    with pytest.raises(UsageError, match="rule THRESHOLD_UP_S1, column window_unit"):
        check_periods(scheme, Calendar.of_weeks(19_720, 1).period_starts)
