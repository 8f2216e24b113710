"""Metrics, conditions, scopes, guards and dates: each part against numbers worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reclass_cases import (
    CALENDAR,
    SEGMENTS,
    day,
    months,
    once,
    play,
    rule,
    rules_of,
    scores,
    start,
    text,
)

from dagster_project.reclassification import guards
from dagster_project.reclassification.conditions import downward, measure, upward
from dagster_project.reclassification.effective import NEVER, Calendar, effective_day, parse_policy
from dagster_project.reclassification.metrics import Metric, Span, aggregate
from dagster_project.reclassification.scope import ScopeError, Words, parse_scope
from dagster_project.reclassification.vocabulary import NUMBER, SCOPE_ATTRIBUTES, TEXT

NAN = np.nan
ROWS = np.array([[1.0, 2.0, 4.0, 9.0], [NAN, 3.0, NAN, 5.0], [NAN] * 4])
ALL = slice(0, 4)


def value_of(aggregation, metric=None):
    return aggregate(metric or Metric(ROWS), aggregation, ALL)[0].tolist()


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [
        ("SUM", [16, 8, NAN]),
        ("AVG", [4, 4, NAN]),
        ("COUNT", [4, 2, 0]),
        ("LAST", [9, 5, NAN]),
        ("P50", [3, 4, NAN]),
        ("P90", [7.5, 4.8, NAN]),
        ("TREND", [2.6, 1, NAN]),
    ],
)
def test_aggregations_leave_out_what_is_missing(aggregation, expected):
    assert value_of(aggregation) == pytest.approx(expected, nan_ok=True)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=12))
def test_quantiles_and_trend_agree_with_numpy(values):
    row = np.array([values])
    whole = slice(0, len(values))
    for name, share in (("P50", 50), ("P90", 90)):
        found = aggregate(Metric(row), name, whole)[0][0]
        assert found == pytest.approx(np.percentile(values, share), abs=1e-6)
    slope = np.polyfit(np.arange(len(values)), values, 1)[0]
    assert aggregate(Metric(row), "TREND", whole)[0][0] == pytest.approx(slope, abs=1e-4)


def test_ratio_is_the_ratio_of_the_sums_and_not_the_mean_of_the_ratios():
    metric = Metric(np.array([[1.0, 9.0], [1.0, 1.0]]), np.array([[10.0, 10.0], [0.0, 0.0]]))
    assert aggregate(metric, "RATIO", slice(0, 2))[0].tolist() == pytest.approx(
        [0.5, NAN], nan_ok=True
    )


def test_windows_end_before_their_offset_and_quarters_have_three_months():
    assert Span(3).slice_at(11) == slice(9, 12)
    assert Span(3, offset=2).slice_at(11) == slice(7, 10)
    assert Span(2, "QUARTER").slice_at(11) == slice(6, 12)
    assert Span(3).slice_at(11, back=1) == slice(6, 9)
    assert Span(12).slice_at(3) == slice(0, 4)


def test_imputed_values_count_only_for_rules_that_accept_their_confidence():
    metric = Metric(ROWS, confidence=np.where(ROWS == 9.0, 0.7, 1.0))
    assert aggregate(metric, "LAST", ALL)[0][0] == 4
    assert aggregate(metric, "LAST", ALL, 0.6)[0][0] == 9
    hold = rules_of(rule("R", threshold_up=5, missing_data="HOLD"))
    use = rules_of(rule("R", threshold_up=5, missing_data="USE_IMPUTED(0.6)"))
    strict = rules_of(rule("R", threshold_up=5, missing_data="USE_IMPUTED(0.8)"))
    given_metric = {"score": Metric(np.array([[9.0]]), confidence=np.array([[0.7]]))}
    found = [len(once(r, start(r, "S2"), given_metric)[0].moves()) for r in (hold, use, strict)]
    assert found == [0, 1, 0]


def test_missing_value_breaks_a_run_of_evaluations():
    rule_set = rules_of(rule("R", threshold_up=50, consecutive_evaluations=3))
    made, _, _ = play(rule_set, start(rule_set, "S2"), months(scores([60, 60, NAN, 60, 60, 60])))
    assert [len(proposals.moves()) for proposals in made] == [0, 0, 0, 0, 0, 1]


def test_too_few_observations_may_promote_but_not_demote_where_the_rule_says_so():
    few = scores([NAN, NAN, 90.0]), scores([NAN, NAN, 10.0])
    change = {"aggregation": "AVG", "window_n": 3, "min_observations": 2}
    both = {"direction": "BOTH", "threshold_up": 85, "threshold_down": 78, "target_segment": "S2"}
    for policy, moves in (("DEMOTE_NO", [1, 0]), ("HOLD", [0, 0])):
        rule_set = rules_of(rule("R", missing_data=policy, **change, **both))
        starts = start(rule_set, "S3"), start(rule_set, "S2")
        found = [
            len(once(rule_set, state, metric, period=2)[0].moves())
            for state, metric in zip(starts, few, strict=True)
        ]
        assert found == moves


# Conditions -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operator", "up", "down", "ups", "downs"),
    [
        (">=", 85, 78, [0, 0, 0, 1, 1], [1, 0, 0, 0, 0]),
        (">", 85, 78, [0, 0, 0, 0, 1], [1, 1, 0, 0, 0]),
        ("<=", 78, 85, [1, 1, 0, 0, 0], [0, 0, 0, 0, 1]),
        ("<", 78, 85, [1, 0, 0, 0, 0], [0, 0, 0, 1, 1]),
        ("BETWEEN", 85, 78, [0, 1, 1, 1, 0], [1, 0, 0, 0, 1]),
    ],
)
def test_operators_on_and_around_their_thresholds(operator, up, down, ups, downs):
    value = np.array([77.0, 78.0, 80.0, 85.0, 86.0])
    assert upward(operator, value, up, down).tolist() == [bool(x) for x in ups]
    assert downward(operator, value, up, down).tolist() == [bool(x) for x in downs]
    missing = np.array([NAN])
    assert not upward(operator, missing, up, down)[0]
    assert not downward(operator, missing, up, down)[0]


def test_rank_counts_the_share_that_is_better_and_ties_share_a_rank():
    value, scope = np.array([5.0, 9, 9, 1, 100]), np.array([True] * 4 + [False])
    found = measure("RANK_TOP_PCT", value, None, scope)
    assert found.tolist() == pytest.approx([50, 0, 0, 75, NAN], nan_ok=True)
    assert upward("RANK_TOP_PCT", found, 50, 60).tolist() == [False, True, True, False, False]


def test_z_score_uses_the_population_in_scope_and_is_unknown_without_spread():
    value, scope = np.array([2.0, 4, 4, 4, 5, 5, 7, 9]), np.ones(8, dtype=bool)
    assert measure("ZSCORE", value, None, scope)[-1] == 2.0
    assert np.isnan(measure("ZSCORE", np.full(3, 4.0), None, np.ones(3, dtype=bool))).all()


def test_change_is_in_percent_of_the_window_before_and_unknown_without_one():
    now, before = np.array([120.0, 50, 10, 10]), np.array([100.0, 100, 0, NAN])
    found = measure("CHANGE_PCT", now, before, np.ones(4, dtype=bool))
    assert found.tolist() == pytest.approx([20, -50, NAN, NAN], nan_ok=True)


def test_rule_on_change_moves_the_customer_whose_revenue_halved():
    rule_set = rules_of(
        rule(
            "HALF",
            aggregation="SUM",
            window_n=3,
            operator="CHANGE_PCT",
            direction="DOWN",
            threshold_down=-40,
        )
    )
    metrics = scores([10, 10, 10, 5, 5, 5], [10] * 6)
    proposals, _ = once(rule_set, start(rule_set, "S2", "S2"), metrics, period=5)
    assert [(e, b) for e, _, b, _, _ in proposals.moves()] == [(0, "S3")]


# Scopes -----------------------------------------------------------------------------------------

GIVEN = {
    "revenue": np.array([10.0, NAN, 30.0]),
    "order_count": np.array([1.0, 2.0, 3.0]),
    "country_code": Words(np.array([0, 1, -1]), ("DE", "FR")),
}


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("", [1, 1, 1]),
        ("revenue > 10", [0, 0, 1]),
        ("not revenue > 10", [1, 0, 0]),
        ("revenue is null", [0, 1, 0]),
        ("revenue is not null", [1, 0, 1]),
        ("revenue > 10 or order_count = 2", [0, 1, 1]),
        ("revenue between 10 and 20", [1, 0, 0]),
        ("revenue > order_count and order_count in (1, 3)", [1, 0, 1]),
        ("country_code = 'DE'", [1, 0, 0]),
        ("country_code <> 'DE'", [0, 1, 0]),
        ("country_code in ('FR', 'IT')", [0, 1, 0]),
        ("not (country_code = 'DE') and order_count >= -1", [0, 1, 0]),
    ],
)
def test_scopes_follow_sql_including_null(scope, expected):
    found = parse_scope(scope, SCOPE_ATTRIBUTES).holds(GIVEN, 3)
    assert found.tolist() == [bool(x) for x in expected]


@pytest.mark.parametrize(
    "scope",
    [
        "password = 'x'",
        "t.revenue > 1",
        "revenue > 1; drop table x",
        "revenue > 1 limit 1",
        "revenue > 1 union select 2",
        "revenue > 1 or 1 = 1",
        "revenue",
        "revenue + 1 > 2",
        "exists (select 1)",
        "country_code like 'D%'",
        "revenue > 1 order by 1",
        "case when revenue > 1 then true end",
        "country_code < 'DE'",
        "revenue > 'a'",
    ],
)
def test_scope_can_name_nothing_else_and_call_nothing(scope):
    with pytest.raises(ScopeError):
        parse_scope(scope, SCOPE_ATTRIBUTES)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.integers(-3, 3)), min_size=5, max_size=5),
    st.lists(st.sampled_from(["DE", "FR", None]), min_size=5, max_size=5),
    st.sampled_from(["a < 1", "a in (0, 2)", "c = 'DE'", "c <> 'FR'", "a is null"]),
    st.sampled_from(["a between -1 and 1", "c is null", "not a >= 0"]),
    st.sampled_from(["{0} and {1}", "{0} or {1}", "not ({0} and {1})", "not ({0} or not {1})"]),
)
def test_scopes_give_what_the_database_gives(numbers, words, one, other, shape):
    import duckdb

    scope = shape.format(one, other)
    codes = {"DE": 0, "FR": 1, None: -1}
    given_now = {
        "a": np.array([NAN if n is None else n for n in numbers]),
        "c": Words(np.array([codes[w] for w in words]), ("DE", "FR")),
    }
    found = parse_scope(scope, {"a": NUMBER, "c": TEXT}).holds(given_now, 5)
    with duckdb.connect() as connection:
        connection.execute("create table t (k int, a int, c varchar)")
        rows = [(k, n, w) for k, (n, w) in enumerate(zip(numbers, words, strict=True))]
        connection.executemany("insert into t values (?, ?, ?)", rows)
        expected = connection.execute(
            f"select coalesce({scope}, false) from t order by k"
        ).fetchall()
    assert found.tolist() == [row[0] for row in expected]


# Guards and dates -------------------------------------------------------------------------------


def test_season_over_the_end_of_the_year_freezes_both_sides():
    season = guards.parse_freeze("12-15/01-10")
    found = [season.covers(day(d), CALENDAR) for d in ("2024-12-14", "2024-12-15", "2025-01-10")]
    assert found == [False, True, True]
    assert not season.covers(day("2025-01-11"), CALENDAR)


def test_last_days_of_the_fiscal_quarter_are_frozen():
    end = guards.parse_freeze("QUARTER_END(5)")
    found = [end.covers(day(d), CALENDAR) for d in ("2024-03-26", "2024-03-27", "2024-03-31")]
    assert found == [False, True, True]
    assert not end.covers(day("2024-04-01"), CALENDAR)


def test_steps_are_counted_between_tiers_only():
    own, goal = np.array([3, 3, 4, 0]), np.array([0, 2, 0, 5])
    assert guards.limit_steps(own, goal, 1, 4).tolist() == [2, 2, 0, 5]


@pytest.mark.parametrize(
    ("policy", "notice", "expected"),
    [
        ("IMMEDIATE", 0, "2024-02-06"),
        ("NEXT_DAY", 0, "2024-02-07"),
        ("NEXT_MONTH", 0, "2024-03-01"),
        ("NEXT_QUARTER", 0, "2024-04-01"),
        ("NEXT_FISCAL_PERIOD", 0, "2024-03-01"),
        ("AFTER_NOTICE(30)", 0, "2024-03-07"),
        ("AFTER_NOTICE", 30, "2024-03-07"),
        ("AFTER_NOTICE(30)+NEXT_FISCAL_PERIOD", 30, "2024-04-01"),
        ("CONTRACT_RENEWAL", 0, "2024-09-30"),
    ],
)
def test_effective_date_policies(policy, notice, expected):
    renewal = np.array([day("2024-09-30")])
    found = effective_day(parse_policy(policy), notice, day("2024-02-06"), CALENDAR, renewal)
    assert text(found[0]) == expected


def test_fiscal_periods_of_4_4_5_weeks_are_not_calendar_months():
    calendar = Calendar.of_weeks(day("2023-10-30"), 2)
    found = effective_day(
        parse_policy("NEXT_FISCAL_PERIOD"), 0, day("2024-02-06"), calendar, np.array([NEVER])
    )
    # Second quarter from 29 January: four weeks end on 25 February.
    assert text(found[0]) == "2024-02-26"


def test_calendar_that_ends_too_early_is_an_error_and_not_a_guess():
    short = Calendar.of_months(2023, 2023)
    with pytest.raises(ValueError, match="does not cover"):
        effective_day(
            parse_policy("NEXT_FISCAL_PERIOD"), 0, day("2024-02-06"), short, np.array([NEVER])
        )


def test_rule_outside_its_validity_neither_fires_nor_counts():
    rule_set = rules_of(
        rule("R", threshold_up=50, consecutive_evaluations=2, valid_from="2024-03-01")
    )
    made, _, _ = play(rule_set, start(rule_set, "S2"), months(scores([60.0] * 4)))
    assert [len(proposals.moves()) for proposals in made] == [0, 0, 1, 0]


def test_quarterly_rule_waits_for_its_evaluation():
    rule_set = rules_of(rule("R", threshold_up=50, cadence="QUARTERLY"))
    due = lambda period: frozenset({"MONTHLY", "QUARTERLY"} if period % 3 == 2 else {"MONTHLY"})  # noqa: E731
    made, _, _ = play(rule_set, start(rule_set, "S3"), months(scores([60.0] * 6), cadences=due))
    assert [len(proposals.moves()) for proposals in made] == [0, 0, 1, 0, 0, 1]


def test_lower_is_better_where_the_operator_says_so():
    rule_set = rules_of(
        rule(
            "COST",
            operator="<=",
            direction="BOTH",
            target_segment="S2",
            threshold_up=10,
            threshold_down=15,
        )
    )
    _, state = once(rule_set, start(rule_set, "S3", "S2", "S2"), scores([9.0], [16.0], [12.0]))
    assert [SEGMENTS.codes[s] for s in state.segment] == ["S2", "S3", "S2"]
