"""Do tiers follow what customers need: planted agreement is found, chance is not taken for it."""

import numpy as np
import pytest

from dagster_project.schemes.expectation import (
    need_class,
    separation,
    served,
    stated_need,
    weighted_kappa,
)


def tiers(count=400):
    return np.arange(count) % 4 + 1


def test_expectation_equal_to_the_tier_agrees_and_a_shuffled_one_does_not():
    rank = tiers()
    generator = np.random.default_rng(1)
    expected = (10.0 - rank + generator.normal(0, 0.15, len(rank)))[:, None]
    ones, harder = np.ones_like(expected), np.array([True])
    need = need_class(stated_need(expected, ones, harder), 4)
    assert weighted_kappa(rank, need) > 0.8
    mixed = need_class(stated_need(generator.permutation(expected), ones, harder), 4)
    assert abs(weighted_kappa(rank, mixed)) < 0.12


def test_kappa_is_one_less_the_observed_over_the_squared_distance_by_chance():
    rank, need = np.array([1, 2, 3, 3]), np.array([1, 2, 3, 2])
    # One of four is off by one; by chance every tier meets every need.
    expected = sum((a - b) ** 2 for a in rank for b in need) / 16
    assert weighted_kappa(rank, need) == pytest.approx(1 - 0.25 / expected)


def test_kappa_needs_two_classes_on_both_sides():
    assert weighted_kappa(np.array([1, 1, 0]), np.array([1, 2, 1])) is None


def test_h_is_that_of_the_textbook():
    """Without ties H is 12 / (n (n + 1)) * sum(R squared / n) - 3 (n + 1)."""
    values = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9])
    found = separation(values, np.repeat([1, 2, 3], 3))
    h = 12 / 90 * (6**2 + 15**2 + 24**2) / 3 - 30
    assert found.h == pytest.approx(h)
    assert found.epsilon_squared == pytest.approx(h / 8)
    assert found.p == pytest.approx(np.exp(-h / 2))


def test_equal_answers_or_a_single_segment_separate_nothing():
    assert separation(np.ones(4), np.array([1, 1, 2, 2])).h is None
    assert separation(np.arange(4.0), np.ones(4, dtype=int)).h is None
    assert separation(np.array([1.0, np.nan]), np.array([1, 2])).entities == 1


def test_need_weighs_questions_by_importance_and_turns_those_where_less_is_harder():
    # Customer 0 wants a short lead time and does not care about the rest.
    expectations = np.array([[2.0, 0.90], [5.0, 0.95], [np.nan, np.nan]])
    importance = np.array([[9.0, 1.0], [1.0, 1.0], [1.0, 1.0]])
    need = stated_need(expectations, importance, np.array([False, True]))
    assert need[0] == pytest.approx((9 * 0.75 + 0.25) / 10)
    assert need[1] == pytest.approx((0.25 + 0.75) / 2)
    assert np.isnan(need[2])


def test_fewer_needs_than_tiers_make_fewer_classes_and_no_answer_makes_none():
    assert need_class(np.array([0.9, 0.1, np.nan, 0.9]), 4).tolist() == [1, 2, 0, 1]
    assert need_class(np.array([np.nan]), 4).tolist() == [0]


def test_served_by_more_than_one_class_too_much_or_too_little_in_customers_and_revenue():
    rank, need = np.array([1, 1, 4, 2, 0]), np.array([3, 2, 1, 2, 1])
    found = served(rank, need, np.array([60.0, 20, 10, 10, 99]))
    assert (found.over, found.under) == (0.25, 0.25)
    assert found.over_revenue == pytest.approx(0.6)
    assert found.under_revenue == pytest.approx(0.1)
    assert served(np.zeros(2, dtype=int), need[:2], np.ones(2)).over is None
