"""Each mistake in a table of rules is found, with file, row, column and cure."""

import pytest
from reclass_cases import METRICS, SEGMENTS, bands, default_rows, rule

from dagster_project.errors import UsageError
from dagster_project.reclassification.lint import lint
from dagster_project.reclassification.rules import parse_rules

GOOD = rule("GOOD", threshold_up=85, threshold_down=78, target_segment="S1")

MISTAKES = [
    ("name_missing", "rule_id", {"rule_id": ""}),
    ("owner_missing", "owner", {"owner": ""}),
    ("unknown_status", "status", {"status": "LIVE"}),
    ("unknown_metric", "metric_id", {"metric_id": "scoer"}),
    ("unknown_aggregation", "aggregation", {"aggregation": "MEDIAN"}),
    ("ratio_without_denominator", "aggregation", {"aggregation": "RATIO"}),
    ("unknown_unit", "window_unit", {"window_unit": "YEAR"}),
    ("window_too_fine", "window_unit", {"window_unit": "WEEK"}),
    ("not_a_whole_number", "window_n", {"window_n": "0"}),
    ("not_a_whole_number", "priority", {"priority": "high"}),
    ("not_a_whole_number", "consecutive_evaluations", {"consecutive_evaluations": "0"}),
    ("not_a_whole_number", "max_steps", {"max_steps": "0"}),
    ("not_a_whole_number", "min_dwell_days", {"min_dwell_days": "-90"}),
    ("too_many_observations", "min_observations", {"min_observations": "5"}),
    ("unknown_operator", "operator", {"operator": "=>"}),
    ("operator_missing", "operator", {"operator": ""}),
    ("threshold_unreadable", "threshold_up", {"threshold_up": "85 %"}),
    ("threshold_missing", "threshold_up", {"threshold_up": ""}),
    ("threshold_missing", "threshold_down", {"direction": "DOWN", "threshold_down": ""}),
    ("band_inverted", "threshold_down", {"threshold_up": "78", "threshold_down": "85"}),
    ("band_inverted", "threshold_down", {"operator": "<="}),
    ("band_narrow", "threshold_down", {"threshold_down": "84"}),
    ("unknown_cadence", "cadence", {"cadence": "HOURLY"}),
    ("unknown_event", "trigger_event", {"trigger_event": "BIRTHDAY"}),
    ("event_missing", "trigger_event", {"cadence": "EVENT"}),
    ("unknown_direction", "direction", {"direction": "SIDEWAYS"}),
    ("unknown_segment", "target_segment", {"target_segment": "S9"}),
    ("target_is_no_tier", "target_segment", {"target_segment": "D0"}),
    ("target_missing", "target_segment", {"direction": "TO_SPECIFIC", "target_segment": ""}),
    ("nothing_to_decide", "metric_id", {"metric_id": ""}),
    ("floor_ignored", "respects_contract_floor", {"respects_contract_floor": "false"}),
    ("unknown_boolean", "respects_contract_floor", {"respects_contract_floor": "maybe"}),
    ("unknown_parent_rule", "respects_parent", {"respects_parent": "COPY"}),
    ("unknown_approval", "approval", {"approval": "CEO"}),
    ("unknown_effective_policy", "effective_policy", {"effective_policy": "SOON"}),
    ("notice_without_days", "effective_policy", {"effective_policy": "AFTER_NOTICE"}),
    ("unknown_missing_data", "missing_data", {"missing_data": "GUESS"}),
    ("confidence_out_of_range", "missing_data", {"missing_data": "USE_IMPUTED(7)"}),
    ("freeze_unreadable", "freeze_windows", {"freeze_windows": '["November"]'}),
    ("freeze_unreadable", "freeze_windows", {"freeze_windows": '["02-30/03-05"]'}),
    ("scope_column", "scope_filter", {"scope_filter": "margin > 3"}),
    ("scope_unreadable", "scope_filter", {"scope_filter": "revenue >"}),
    ("scope_construct", "scope_filter", {"scope_filter": "revenue in (select 1)"}),
    ("scope_construct", "scope_filter", {"scope_filter": "abs(revenue) > 3"}),
    ("scope_types", "scope_filter", {"scope_filter": "country_code > 3"}),
    ("scope_segment", "scope_filter", {"scope_filter": "current_segment = 'S7'"}),
    ("scope_column", "auto_if", {"auto_if": "turnover < 1000"}),
    ("unknown_placeholder", "explain_template", {"explain_template": "Score {points}"}),
    ("date_unreadable", "valid_from", {"valid_from": "1.1.2026"}),
    ("validity_inverted", "valid_to", {"valid_to": "1999-01-01"}),
]


def findings(*rows, band_min=3.0):
    return lint(rows, SEGMENTS, METRICS, band_min)


def test_good_rules_have_no_findings():
    assert findings(GOOD) == []
    assert findings(*bands()) == []


def test_default_rules_have_no_findings():
    assert findings(*default_rows()) == []


@pytest.mark.parametrize(
    ("kind", "column", "change"), MISTAKES, ids=[f"{kind}-{column}" for kind, column, _ in MISTAKES]
)
def test_mistake_is_found_with_its_place_and_cure(kind, column, change):
    found = findings(rule("FINE", threshold_up=10), GOOD | change)
    assert [(f.kind, f.column, f.row) for f in found] == [(kind, column, 3)]
    assert found[0].file == "reclass_rule.csv"
    assert found[0].why
    assert found[0].cure.endswith(".")


def test_there_are_more_than_twenty_kinds_of_mistakes():
    assert len({kind for kind, _, _ in MISTAKES}) + 3 >= 40


def test_two_versions_of_one_rule_may_not_be_in_force_at_the_same_time():
    later = GOOD | {"version": "2", "valid_from": "2026-01-01"}
    assert [f.kind for f in findings(GOOD, later)] == ["validity_overlaps"]
    assert findings(GOOD | {"valid_to": "2026-01-01"}, later) == []


def test_same_version_twice_is_found():
    twice = findings(GOOD | {"valid_to": "2026-01-01"}, GOOD | {"valid_from": "2026-01-01"})
    assert [(f.kind, f.row) for f in twice] == [("version_twice", 3)]


def test_two_rules_of_one_priority_and_scope_that_contradict_are_found():
    one = rule("UP", threshold_up=50, target_segment="S1")
    other = rule("OUT", threshold_down=60, target_segment="S1", direction="DOWN")
    assert [(f.kind, f.row) for f in findings(one, other)] == [("contradiction", 3)]
    assert findings(one, other | {"priority": "51"}) == []
    assert findings(one, other | {"scope_filter": "country_code = 'DE'"}) == []
    assert findings(one, other | {"threshold_down": "45"}) == []


def test_unusable_rules_are_refused_with_the_first_mistake():
    with pytest.raises(UsageError) as error:
        parse_rules([GOOD | {"operator": "=>", "status": "LIVE"}], SEGMENTS, METRICS)
    assert "reclass_rule.csv, row 2 (GOOD), column operator: '=>' is not known." in str(error.value)
    assert "1 more mistakes follow." in str(error.value)
    assert "RANK_TOP_PCT" in error.value.fix


def test_rows_of_other_schemes_are_left_to_their_own_check():
    assert findings(GOOD | {"scheme_id": "demand", "target_segment": "A"}) == []
