"""The engine moves nobody too early, too far, or because of something it could not know."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from segment_cases import (
    Move,
    at_percentile,
    crowd,
    default_scheme,
    entities,
    month,
    months,
    path,
    quick_scheme,
    rows,
    run,
    text,
)

from dagster_project.segmentation.engine import evaluate
from dagster_project.segmentation.history import Activity

SPINE = months("2024-01", 12)


def story(*percentiles, spine=SPINE):
    """Customer 0 is at these percentiles month by month, among a crowd that never changes."""
    return crowd(spine) + [
        (0, m, at_percentile(p)) for m, p in zip(spine, percentiles, strict=False)
    ]


def test_score_that_oscillates_around_the_upper_threshold_moves_nobody():
    # E04: 84/86/84/86 never holds two evaluations in a row.
    outcome = run(story(*[80, 84, 86] + [84, 86] * 4), "2024-12-31")
    assert path(outcome) == [("N0", "S2")]


def test_score_inside_the_band_moves_nobody_down():
    outcome = run(story(90, *[80] * 11), "2024-12-31")
    assert path(outcome) == [("N0", "S1")]


def test_rise_needs_two_evaluations_in_a_row():
    assert path(run(story(50, 50, 70, 50, 70), "2024-06-30")) == [("N0", "S3")]
    assert path(run(story(50, 50, 70, 70), "2024-05-30")) == [("N0", "S3"), ("S3", "S2")]


def test_fall_needs_three_evaluations_in_a_row():
    assert path(run(story(90, 70, 70, 90, 70, 70), "2024-07-30")) == [("N0", "S1")]
    assert path(run(story(90, 70, 70, 70), "2024-05-30")) == [("N0", "S1"), ("S1", "S2")]


def test_jump_of_two_tiers_takes_one_step_per_evaluation():
    # E05: from S4 to a score of 95 needs three evaluations after the streak has begun.
    outcome = run(story(10, 95, 95, 95, 95), "2024-06-30")
    steps = [
        (e.after, e.evaluation_month - month("2024-01-01"))
        for e in outcome.events
        if e.entity == 0 and e.before
    ]
    assert steps == [("S4", 0), ("S3", 2), ("S2", 3), ("S1", 4)]


def test_dwell_holds_back_a_move_until_the_last_one_has_rested():
    scheme = quick_scheme(up=Move(1, 90, 0))
    outcome = run(story(10, *[95] * 8), "2024-10-30", scheme)
    moves = [e for e in outcome.events if e.entity == 0 and e.before]
    assert all(b.recorded_day - a.valid_from_day >= 90 for a, b in itertools.pairwise(moves))
    assert [e.after for e in moves] == ["S4", "S3", "S2"]


def test_threshold_moves_hold_from_the_first_of_a_month_after_notice():
    scheme = quick_scheme(down=Move(3, 0, 30))
    event = run(story(90, 70, 70, 70), "2024-05-30", scheme).events[-1]
    assert (text(event.recorded_day), text(event.valid_from_day)) == ("2024-05-06", "2024-07-01")
    up = run(story(50, 70, 70), "2024-04-30").events[-1]
    assert (text(up.recorded_day), text(up.valid_from_day)) == ("2024-04-06", "2024-05-01")


def test_nobody_falls_in_a_frozen_month_and_the_fall_follows_after_it():
    scheme = quick_scheme(down=Move(3, 0, 0, frozenset({11, 12})))
    outcome = run(story(*[90] * 7, *[70] * 5), "2025-01-31", scheme)
    assert [text(e.recorded_day) for e in outcome.events if e.entity == 0 and e.before] == [
        "2024-02-06",
        "2025-01-06",
    ]


def test_onboarding_ends_with_enough_orders_and_enough_days():
    scheme = quick_scheme(onboarding_min_orders=3, onboarding_min_days=90)
    two = run([*crowd(SPINE), (0, SPINE[0], 90_000), (0, SPINE[1], 90_000)], "2024-05-31", scheme)
    three = run([*crowd(SPINE), *[(0, m, 90_000) for m in SPINE[:3]]], "2024-05-31", scheme)
    many_at_once = run([*crowd(SPINE), (0, SPINE[0], 90_000, 50)], "2024-03-05", scheme)
    assert path(two) == []
    assert len(path(three)) == 1
    assert path(many_at_once) == []


def test_new_customer_with_two_orders_in_forty_days_is_never_at_the_top():
    # E01: onboarding until 180 days have gone, then capped because the orders are too few.
    scheme = quick_scheme(
        onboarding_min_orders=3, onboarding_min_days=90, window_months=12, dormant_min_days=400
    )
    outcome = run([*crowd(SPINE), (0, SPINE[0], 10**6), (0, SPINE[1], 10**6)], "2024-07-31", scheme)
    (event,) = [e for e in outcome.events if e.entity == 0 and e.before]
    assert (event.before, event.after) == ("N0", "S2")
    assert event.evaluation_month == month("2024-06-01")


def test_customer_without_orders_for_half_a_year_is_dormant_whatever_its_score():
    outcome = run(story(*[90] * 4), "2024-12-31", quick_scheme(down=Move(99, 0, 0)))
    assert path(outcome) == [("N0", "S1"), ("S1", "D0")]
    event = [e for e in outcome.events if e.entity == 0][-1]
    assert event.evaluation_month == month("2024-09-01")
    assert event.rule == "DORMANT"
    assert int(event.reason.split()[3]) >= 180


def test_rare_but_regular_customer_is_not_dormant():
    # An order every four months: 180 days without one are no surprise.
    spine = months("2023-01", 24)
    facts = crowd(spine) + [(0, spine[i], 50_000) for i in (0, 4, 8, 12)]
    assert path(run(facts, "2024-09-30"))[-1][1] != "D0"
    assert path(run(facts, "2025-02-28"))[-1][1] == "D0"


def test_customer_that_wakes_up_is_capped_for_a_while():
    # E59: fourteen months of silence, then orders at the top.
    spine = months("2023-01", 30)
    facts = crowd(spine) + [(0, m, at_percentile(95)) for m in spine[:4] + spine[18:]]
    outcome = run(facts, "2025-06-30", quick_scheme(down=Move(99, 0, 0)))
    assert path(outcome)[:3] == [("N0", "S1"), ("S1", "D0"), ("D0", "S3")]
    woken, next_rise = [e for e in outcome.events if e.entity == 0][3:5]
    assert next_rise.after == "S2"
    assert next_rise.recorded_day - woken.recorded_day >= 90


def test_customer_that_never_ordered_is_new_and_later_dormant():
    facts = crowd(SPINE)
    activity = rows(*facts)
    early = evaluate(entities(101, created="2020-01-01"), activity, quick_scheme(), "2024-05-31")
    late = evaluate(entities(101, created="2020-01-01"), activity, quick_scheme(), "2024-12-31")
    assert path(early) == []
    assert path(late) == [("N0", "D0")]


def test_excluded_customer_is_never_scored_and_never_ranked_against():
    # E30: the intercompany account has huge volume and moves nobody.
    facts = crowd(SPINE)
    plain = run(facts, "2024-12-31")
    giant = run([*facts, (101, SPINE[0], 10**9)], "2024-12-31", excluded=(101,))
    assert [e.after for e in giant.events if e.entity == 101] == ["X0"]
    assert [e for e in giant.events if e.entity != 101] == plain.events


def test_evaluation_is_made_when_its_record_time_has_come():
    assert len(run(crowd(SPINE), "2024-02-04").evaluations) == 0
    assert len(run(crowd(SPINE), "2024-02-05").evaluations) == 1


def test_fact_that_arrives_late_does_not_change_an_evaluation_already_made():
    facts = story(*[50] * 8)
    late = [*facts, (0, SPINE[2], 10**6, 1, SPINE[6])]
    before, after = run(facts, "2024-07-31"), run(late, "2024-07-31")
    assert before.events == after.events
    for old, new in zip(before.evaluations, after.evaluations, strict=True):
        assert np.array_equal(old.score, new.score)


def test_fact_that_arrives_late_counts_in_the_windows_that_still_reach_back():
    scheme = quick_scheme(window_months=12)
    facts = story(*[50] * 8)
    late = [*facts, (0, SPINE[2], 10**7, 1, SPINE[6])]
    scores = [e.score[0] for e in run(late, "2024-09-30", scheme).evaluations]
    assert scores[6] > scores[5]


@st.composite
def histories(draw):
    count = draw(st.integers(2, 6))
    fact = st.tuples(
        st.integers(0, count - 1),
        st.integers(0, 13),
        st.integers(-5, 40),
        st.integers(0, 3),
        st.integers(0, 4),
    )
    facts = draw(st.lists(fact, min_size=1, max_size=60))
    spine = months("2024-01", 20)
    return count, [(e, spine[m], r * 100, o, spine[m + k]) for e, m, r, o, k in facts]


SCHEMES = [default_scheme(onboarding_min_days=30, onboarding_min_orders=2), quick_scheme()]


@settings(max_examples=60, deadline=None)
@given(histories(), st.sampled_from(SCHEMES), st.randoms(use_true_random=False))
def test_events_do_not_depend_on_the_order_of_the_rows(history, scheme, random):
    count, facts = history
    shuffled = list(facts)
    random.shuffle(shuffled)
    there, back = (
        evaluate(entities(count), rows(*f), scheme, "2025-12-31") for f in (facts, shuffled)
    )
    assert there.events == back.events


@settings(max_examples=25, deadline=None)
@given(histories(), st.sampled_from(SCHEMES))
def test_replay_from_scratch_equals_month_by_month(history, scheme):
    # E51, E52: each day sees only what was known by then, and only ever adds events.
    count, facts = history
    whole = evaluate(entities(count), rows(*facts), scheme, "2025-12-31").events
    seen = []
    for as_of in months("2024-02", 23):
        known = [f for f in facts if f[4] < as_of]
        if not known:
            continue
        now = evaluate(entities(count), rows(*known), scheme, as_of[:8] + "28").events
        assert [e for e in now if e in seen] == seen
        seen = now
    assert [e for e in whole if e in seen] == seen


@settings(max_examples=40, deadline=None)
@given(histories(), st.sampled_from(SCHEMES))
def test_identical_customers_are_in_identical_segments(history, scheme):
    # R34: a twin with the same facts moves at the same time to the same segment.
    count, facts = history
    twins = [(count, *f[1:]) for f in facts if f[0] == 0]
    outcome = evaluate(entities(count + 1), rows(*facts, *twins), scheme, "2025-12-31")
    one, other = (
        [replace(e, entity=-1) for e in outcome.events if e.entity == k] for k in (0, count)
    )
    assert one == other


def test_nothing_to_evaluate_gives_first_segments_only():
    empty = np.array([], dtype=np.int64)
    activity = Activity(empty, empty, empty, empty, empty, {})
    outcome = evaluate(entities(2, excluded=(1,)), activity, quick_scheme(), "2024-12-31")
    assert [e.after for e in outcome.events] == ["N0", "X0"]
    assert outcome.evaluations == []


@pytest.mark.parametrize("as_of", ["2024-12-31", "2024-06-15"])
def test_same_rows_twice_give_no_new_events(as_of):
    facts = story(*[50, 95] * 6)
    assert run(facts, as_of).events == run(facts, as_of).events
