"""Clusters that are there are found again in samples; clusters that are not, are not."""

import numpy as np

from dagster_project.schemes.granularity import cluster_frontier
from dagster_project.schemes.stability import (
    bootstrap_jaccard,
    complexity_cost,
    gaussian_bic,
    policy_cells,
)

STABLE = 0.75


def blobs(seed=1):
    """Four groups of fifty, far apart."""
    generator = np.random.default_rng(seed)
    centres = np.array([[0, 0], [10, 0], [0, 10], [10, 10]])
    return np.concatenate([c + generator.normal(0, 0.5, (50, 2)) for c in centres])


def test_four_planted_groups_are_found_again_and_six_are_not():
    features = blobs()
    assert bootstrap_jaccard(features, 4).min() > 0.99
    assert bootstrap_jaccard(features, 6).min() < STABLE


def test_order_of_the_rows_does_not_change_the_stability():
    features = blobs()
    shuffled = np.random.default_rng(2).permutation(features)
    assert np.array_equal(bootstrap_jaccard(features, 4), bootstrap_jaccard(shuffled, 4))


def test_criterion_is_least_and_the_knee_is_at_the_planted_number():
    features = blobs()
    values = {k: gaussian_bic(features, k) for k in (2, 3, 4, 6)}
    assert min(values, key=lambda k: values[k]) == 4
    [knee] = [one.segments for one in cluster_frontier(features) if one.is_knee]
    assert knee == 4


def test_one_more_segment_costs_its_cells_and_its_set_up():
    cells = policy_cells(segments=4, policies_per_segment=6, places=3)
    assert cells == 72
    assert complexity_cost(4, cells, 4, 60, 2500) == 72 * 240 + 10_000
    assert policy_cells(4, 6, 0) == 24, "a company without sites keeps its policies once"
