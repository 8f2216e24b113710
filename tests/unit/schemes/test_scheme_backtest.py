"""Policies replayed on history: patience costs little accuracy and saves many changes."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from unit.segmentation.segment_cases import (
    Move,
    at_percentile,
    crowd,
    entities,
    months,
    quick_scheme,
    rows,
)

from dagster_project.schemes.backtest import (
    Candidate,
    backtest,
    candidates,
    scheme_under,
    tier_frontier,
)
from dagster_project.schemes.reader import History
from dagster_project.segmentation.engine import evaluate
from dagster_project.segmentation.history import first_day_of
from dagster_project.segmentation.scores import UNIT

SPINE = months("2022-01", 36)
MONTHLY, PATIENT = Candidate("MONTHLY", False), Candidate("MONTHLY", True)
ANNUAL = Candidate("ANNUAL", False)


def history(*stories, spine=SPINE):
    """The first customers are at these percentiles month by month, among a crowd that stays."""
    facts = [(e + len(stories) - 1, m, v) for e, m, v in crowd(spine)]
    for number, story in enumerate(stories):
        facts += [(number, m, at_percentile(p)) for m, p in zip(spine, story, strict=True)]
    activity = rows(*facts)
    return History(entities(100 + len(stories), created="2021-12-01"), activity, "2024-12-31")


def oscillators(count=5):
    return [[83, 87] * 18 for _ in range(count)]


def by_candidate(found):
    return {one.candidate: one for one in found}


def test_oscillators_go_to_and_fro_only_without_hysteresis():
    found = by_candidate(backtest(history(*oscillators()), quick_scheme(), [MONTHLY, PATIENT]))
    assert found[PATIENT].flip_flops == 0
    assert found[PATIENT].changes == 0
    assert found[MONTHLY].flip_flops >= 5 * 30
    assert found[MONTHLY].flip_flop_share > 0


def test_annual_moves_are_further_from_the_tier_that_turns_out_right():
    climbers = [[20] * start + [95] * (36 - start) for start in range(4, 20)]
    found = by_candidate(backtest(history(*climbers), quick_scheme(), [MONTHLY, PATIENT, ANNUAL]))
    assert found[ANNUAL].misassignment > found[PATIENT].misassignment
    assert found[PATIENT].misassignment >= found[MONTHLY].misassignment
    assert found[ANNUAL].changes < found[MONTHLY].changes


def test_misassignment_is_that_of_a_plain_loop_over_customers_and_months():
    random = np.random.default_rng(8)
    past = history(*[random.integers(1, 99, 36).tolist() for _ in range(8)])
    scheme = quick_scheme(window_months=4)
    outcome = evaluate(past.entities, past.activity, scheme_under(scheme, MONTHLY), past.as_of)
    codes, limits = ["S1", "S2", "S3", "S4"], [85, 65, 35, 0]
    score = {
        (int(e), one.month): s / UNIT
        for one in outcome.evaluations
        for e, s in zip(one.entity, one.score, strict=True)
        if s >= 0
    }
    revenue = Counter()
    amounts = past.activity.measures["net_amount_group"]
    keys = zip(past.activity.entity, past.activity.activity_month, amounts, strict=True)
    for who, when, amount in keys:
        revenue[int(who), int(when)] += int(amount)
    distance = weight = 0.0
    for who in range(len(past.entities)):
        for when in [one.month for one in outcome.evaluations]:
            last_day = first_day_of(when + 1) - 1
            now = [e for e in outcome.events if e.entity == who and e.valid_from_day <= last_day]
            then = score.get((who, when + 4))
            if then is None or not now or now[-1].after not in codes:
                continue
            right = next(k for k, limit in enumerate(limits) if then >= limit)
            worth = sum(revenue[who, when + k] for k in range(1, 5))
            distance += abs(codes.index(now[-1].after) - right) * worth
            weight += worth
    (found,) = backtest(past, scheme, [MONTHLY])
    assert distance > 0
    assert found.misassignment == pytest.approx(distance / weight)


def test_months_whose_following_window_has_not_passed_are_not_judged():
    scheme = quick_scheme(window_months=6)
    (one,) = backtest(history([50] * 36), scheme, [PATIENT])
    judged = [month.month for month in one.months if month.misassignment is not None]
    assert judged[-1] == "2024-05"  # the last evaluation is that of November 2024
    assert one.judged_months == len(judged)


def test_whoever_stays_where_he_belongs_is_never_misassigned():
    (one,) = backtest(history([50] * 36), quick_scheme(), [PATIENT])
    assert one.misassignment == 0.0
    assert one.churn == 0.0


def test_annual_policy_moves_in_january_only():
    (one,) = backtest(history(*oscillators()), quick_scheme(), [ANNUAL])
    moved = {month.month[5:] for month in one.months if month.changes}
    assert moved <= {"01", "02"}


def closed_months(scheme, rule_id):
    """Months in which a rule moves nobody."""
    (rule,) = [one for one in scheme.rule_set.rules if one.rule_id == rule_id]
    windows = [(one.first[0], one.last[0]) for one in rule.freeze_windows]
    return {month for first, last in windows for month in range(first, last + 1)}


def test_rhythm_keeps_the_freeze_of_the_policy_and_closes_the_other_months():
    scheme = quick_scheme(up=Move(2, 90, 0, {4}), down=Move(3, 180, 30, {11, 12}))
    up, down = "THRESHOLD_UP_S2", "THRESHOLD_DOWN_S2"
    assert scheme_under(scheme, PATIENT).rule_set == scheme.rule_set
    quarterly = scheme_under(scheme, Candidate("QUARTERLY", True))
    assert closed_months(quarterly, up) == set(range(1, 13)) - {1, 7, 10}
    assert closed_months(quarterly, down) == set(range(1, 13)) - {1, 4, 7, 10}
    fiscal = scheme_under(scheme, ANNUAL, first_month=7)
    assert closed_months(fiscal, up) == closed_months(fiscal, down) == set(range(1, 13)) - {7}
    assert all(tier.down == tier.up for tier in fiscal.tiers)


def test_efficient_policies_are_those_that_none_beats_in_both():
    found = backtest(history(*oscillators(), [20] * 15 + [95] * 21), quick_scheme())
    assert [one.candidate for one in found] == candidates()
    for one in found:
        beaten = any(
            other.churn <= one.churn
            and other.misassignment <= one.misassignment
            and (other.churn, other.misassignment) != (one.churn, one.misassignment)
            for other in found
        )
        assert one.is_efficient != beaten


def test_order_of_the_rows_changes_nothing():
    past = history(*oscillators(2))
    turn = np.random.default_rng(1).permutation(len(past.activity.entity))
    activity = replace(
        past.activity,
        **{
            name: getattr(past.activity, name)[turn]
            for name in (
                "entity",
                "activity_month",
                "known_month",
                "first_order_day",
                "last_order_day",
            )
        },
        measures={name: values[turn] for name, values in past.activity.measures.items()},
    )
    scheme = quick_scheme()
    assert backtest(replace(past, activity=activity), scheme) == backtest(past, scheme)


def test_history_without_activity_has_nothing_to_measure():
    empty = History(entities(3), rows(), "2024-12-31")
    found = backtest(empty, quick_scheme())
    assert [(one.churn, one.misassignment, one.is_efficient) for one in found] == [
        (None, None, False)
    ] * len(candidates())
    assert tier_frontier(empty, quick_scheme()) == []


def test_frontier_of_tiers_needs_a_window_that_has_passed():
    past = history([50] * 36)
    assert [one.segments for one in tier_frontier(past, quick_scheme())] == list(range(2, 9))
    assert tier_frontier(past, quick_scheme(window_months=60)) == []
    best = tier_frontier(past, quick_scheme())[0]
    assert best.kept == pytest.approx(1.0)
