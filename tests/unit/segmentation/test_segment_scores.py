"""Scores: percentiles with shared ranks, missing values, exact parts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagster_project.segmentation.scores import (
    UNIT,
    AttributeRule,
    NullPolicy,
    mid_rank_percentile,
    score,
    winsorise,
)


def rule(weight=1.0, higher=True, null_policy=NullPolicy.REWEIGHT, name="a"):
    return AttributeRule(name, weight, higher, null_policy)


def run(columns, rules, missing=None):
    values = np.array(columns, dtype=np.int64).T
    mask = np.zeros(values.shape, dtype=bool) if missing is None else np.array(missing).T
    return score(values, mask, rules)


def test_percentile_counts_everyone_below_and_half_of_the_ties():
    # 10 < 20 = 20 < 40: (0 + .5)/4, (1 + 1)/4 twice, (3 + .5)/4.
    assert mid_rank_percentile(np.array([20.0, 10.0, 40.0, 20.0])).tolist() == [
        0.5,
        0.125,
        0.875,
        0.5,
    ]


def test_percentile_equals_the_average_rank_of_the_textbook():
    values = np.random.default_rng(3).integers(0, 40, 300).astype(float)
    below = (values[:, None] > values[None, :]).sum(axis=1)
    ties = (values[:, None] == values[None, :]).sum(axis=1)
    average_rank = below + (ties + 1) / 2
    assert np.allclose(mid_rank_percentile(values), (average_rank - 0.5) / 300, atol=1e-12)


def test_a_giant_is_pulled_back_to_the_99th_percentile_and_keeps_its_place():
    values = np.arange(1, 202, dtype=np.int64)
    giant = values.copy()
    giant[-1] = 10**12
    assert winsorise(giant, 1, 99).max() == np.percentile(giant, 99) < 1000
    assert np.array_equal(
        mid_rank_percentile(winsorise(values, 1, 99)), mid_rank_percentile(winsorise(giant, 1, 99))
    )


def test_score_is_the_weighted_sum_of_percentiles():
    found = run([[10, 20, 30, 40], [4, 3, 2, 1]], [rule(0.75), rule(0.25, name="b")])
    expected = 100 * (0.75 * np.array([1, 3, 5, 7]) / 8 + 0.25 * np.array([7, 5, 3, 1]) / 8)
    assert (found.score / UNIT).tolist() == pytest.approx(expected.tolist(), abs=1e-4)


def test_contributions_add_up_to_the_score_exactly():
    values = np.random.default_rng(5).integers(-(10**9), 10**9, (500, 3))
    missing = np.random.default_rng(6).random((500, 3)) < 0.2
    rules = [rule(0.4), rule(0.35, False, NullPolicy.NEUTRAL), rule(0.25, True, NullPolicy.LOWEST)]
    found = score(values, missing, rules)
    assert np.array_equal(found.contributions.sum(axis=1), found.score)
    assert found.weights.sum(axis=1) == pytest.approx(np.ones(500))


def test_lower_can_be_better():
    assert run([[1, 2, 3, 4]], [rule(higher=False)]).score.tolist() == [
        875000,
        625000,
        375000,
        125000,
    ]


def test_negative_revenue_ranks_last_and_breaks_nothing():
    found = run([[-5_000_000, 0, 10, 20]], [rule()])
    assert found.score.argmin() == 0


@pytest.mark.parametrize(
    ("policy", "points"),
    [
        pytest.param(NullPolicy.REWEIGHT, 75.0, id="the other attribute takes the weight"),
        pytest.param(NullPolicy.NEUTRAL, 62.5, id="counts as the middle"),
        pytest.param(NullPolicy.LOWEST, 37.5, id="counts as the lowest"),
    ],
)
def test_missing_value_follows_its_policy(policy, points):
    # On the first attribute the second entity is the better of two: percentile .75.
    found = run(
        [[1, 2], [1, 0]],
        [rule(0.5), rule(0.5, null_policy=policy, name="b")],
        missing=[[False, False], [False, True]],
    )
    assert found.score[1] / UNIT == points


def test_entity_without_any_value_is_not_scored():
    found = run([[1, 0]], [rule()], missing=[[False, True]])
    assert found.is_scored.tolist() == [True, False]


@given(
    st.lists(st.tuples(st.integers(-50, 50), st.integers(-3, 3)), min_size=1, max_size=60),
    st.randoms(use_true_random=False),
)
def test_identical_values_have_identical_scores_in_any_order(rows, random):
    rules = [rule(0.6), rule(0.4, higher=False, name="b")]
    by_values = {}
    for values, points in zip(rows, run(list(zip(*rows, strict=True)), rules).score, strict=True):
        assert by_values.setdefault(values, points) == points
    shuffled = list(rows)
    random.shuffle(shuffled)
    again = run(list(zip(*shuffled, strict=True)), rules).score
    assert all(by_values[v] == p for v, p in zip(shuffled, again, strict=True))


def test_changing_one_weight_re_ranks_as_plain_numpy_does():
    values = np.random.default_rng(9).integers(0, 1000, (200, 3))
    for weights in ([0.5, 0.3, 0.2], [0.2, 0.3, 0.5]):
        rules = [rule(weight, name=str(k)) for k, weight in enumerate(weights)]
        found = score(values, np.zeros(values.shape, dtype=bool), rules, 0, 100).score
        percentiles = np.stack(
            [[((c < v).sum() + (c == v).sum() / 2) / 200 for v in c] for c in values.T], axis=1
        )
        plain = percentiles @ np.array(weights) * 100
        assert found / UNIT == pytest.approx(plain, abs=2e-4)
