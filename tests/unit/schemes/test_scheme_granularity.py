"""The number of segments: the knee is where groups were planted, and codes do not swap."""

import numpy as np
import pytest
from sklearn.datasets import make_blobs

from dagster_project.errors import UsageError
from dagster_project.schemes.granularity import (
    align_centres,
    cluster,
    cluster_frontier,
    knee,
    quantile_frontier,
    quantile_tiers,
)


def planted(groups=4, seed=3):
    corners = np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0], [9.0, 9.0]])[:groups]
    random = np.random.default_rng(seed)
    return np.concatenate([random.normal(corner, 0.7, size=(60, 2)) for corner in corners])


def test_knee_of_four_planted_groups_is_four():
    found = cluster_frontier(planted())
    assert [one.segments for one in found if one.is_knee] == [4]
    four = found[2]
    assert four.kept == 1.0
    assert four.agreement == 1.0
    assert four.smallest_share == 0.25


def test_silhouettes_are_those_of_the_scikit_learn_example():
    """Silhouette analysis example: 500 points, four centres; the best value is at two groups,
    although four were planted, which is why the knee and not the silhouette is marked."""
    rows, _ = make_blobs(
        n_samples=500, n_features=2, centers=4, cluster_std=1, center_box=(-10, 10), random_state=1
    )
    found = cluster_frontier(rows, range(2, 5), seed=10)
    expected = [0.7049787496083262, 0.5882004012129721, 0.6505186632729437]
    assert [one.silhouette for one in found] == pytest.approx(expected, abs=1e-4)


def test_labels_do_not_depend_on_the_order_of_the_rows_or_the_starting_points():
    rows = planted()
    turn = np.random.default_rng(1).permutation(len(rows))
    labels = cluster(rows, 4)[1]
    assert np.array_equal(cluster(rows[turn], 4)[1], labels[turn])
    assert np.array_equal(cluster(rows, 4, seed=9)[1], labels)


def test_order_of_the_rows_does_not_matter_where_there_are_no_groups_either():
    rows = np.random.default_rng(2).random((300, 3))
    for seed in range(2):
        turn = np.random.default_rng(seed).permutation(300)
        for count in (5, 8):
            found = cluster(rows[turn], count)[1]
            assert np.array_equal(found, cluster(rows, count)[1][turn])
    assert cluster_frontier(rows) == cluster_frontier(rows[turn])


def test_codes_follow_their_centres_when_they_drift():
    known = np.array([[0.0, 0.0], [5.0, 5.0], [9.0, 0.0]])
    drifted = known[[2, 0, 1]] + 0.4
    assert np.allclose(align_centres(known, drifted), known + 0.4)


def test_knee_is_the_point_furthest_above_the_chord():
    assert knee([2, 3, 4, 5, 6], [0.1, 0.5, 0.9, 0.92, 0.94]) == 2
    assert knee([2, 3, 4], [0.1, 0.2, 0.3]) is None
    assert knee([2, 3], [0.1, 0.2]) is None


def test_more_tiers_explain_more_and_hold_less():
    random = np.random.default_rng(4)
    size = random.lognormal(8, 1, 3000)
    score, later = (size * random.lognormal(0, 0.3, 3000) for _ in range(2))
    found = quantile_frontier(score, later, np.log(size))
    assert [one.segments for one in found] == list(range(2, 9))
    explained = [one.explained for one in found]
    kept = [one.kept for one in found]
    assert explained == sorted(explained)
    assert kept == sorted(kept, reverse=True)
    assert all(one.is_large_enough for one in found)


def test_equal_scores_share_a_tier_and_the_best_is_tier_nought():
    tiers = quantile_tiers(np.array([1.0, 1, 1, 5, 9, 9]), 2)
    assert tiers.tolist() == [1, 1, 1, 0, 0, 0]


def test_tier_too_small_for_a_policy_is_shown():
    score = np.array([1.0] * 98 + [2.0] * 2)
    small = quantile_frontier(score, score, score, tiers=[50])[0]
    assert not small.is_large_enough


def test_scores_of_different_customers_are_refused():
    with pytest.raises(UsageError, match="same customers"):
        quantile_frontier(np.ones(3), np.ones(2), np.ones(3))
