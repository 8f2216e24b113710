"""New customers: a closed form, the likeliest prior, a group that is large enough."""

import numpy as np
import pytest
from scipy.stats import nbinom

from dagster_project.demand.new_customer import (
    GammaPrior,
    estimate_rates,
    expected_size,
    fit_gamma,
    fit_sizes,
    posterior,
)
from dagster_project.errors import UsageError


def _orders(alpha, beta, n, seed, periods=None):
    rng = np.random.default_rng(seed)
    periods = rng.integers(3, 25, n).astype(float) if periods is None else np.full(n, periods)
    return rng.poisson(rng.gamma(alpha, 1 / beta, n) * periods).astype(float), periods


def test_estimate_is_the_closed_form():
    rate, confidence = posterior(
        GammaPrior(2.0, 4.0), np.array([0.0, 6, 60]), np.array([0.0, 4, 36])
    )
    assert rate.tolist() == [2 / 4, 8 / 8, 62 / 40]
    assert confidence.tolist() == [0, 4 / 8, 36 / 40]


def test_estimate_lies_between_the_group_and_the_customer():
    prior = GammaPrior(2.0, 4.0)
    x, n = np.array([9.0]), np.array([6.0])
    rate, weight = posterior(prior, x, n)
    assert rate == pytest.approx(weight * x / n + (1 - weight) * prior.alpha / prior.beta)


def test_fit_finds_the_prior_that_made_the_orders():
    prior = fit_gamma(*_orders(2.0, 4.0, 20_000, seed=1))
    assert prior.alpha == pytest.approx(2.0, rel=0.05)
    assert prior.beta == pytest.approx(4.0, rel=0.05)


def test_no_prior_nearby_is_likelier():
    orders, periods = _orders(1.5, 3.0, 200, seed=2)
    prior = fit_gamma(orders, periods)

    def likelihood(alpha, beta):
        return nbinom.logpmf(orders, alpha, beta / (beta + periods)).sum()

    best = likelihood(prior.alpha, prior.beta)
    for factor in (0.97, 1.03):
        assert likelihood(prior.alpha * factor, prior.beta) < best
        assert likelihood(prior.alpha, prior.beta * factor) < best
        assert likelihood(prior.alpha * factor, prior.beta * factor) < best


def test_order_of_the_analogues_does_not_matter():
    orders, periods = _orders(1.5, 3.0, 200, seed=3)
    assert fit_gamma(orders, periods) == fit_gamma(orders[::-1], periods[::-1])


def test_customers_who_are_all_alike_leave_no_room_for_the_own_history():
    prior = fit_gamma(np.full(50, 6.0), np.full(50, 12.0))
    rate, confidence = posterior(prior, np.array([12.0]), np.array([1.0]))
    assert rate[0] == pytest.approx(0.5, rel=1e-3)
    assert confidence[0] < 1e-3


def _estimate(groups, orders, new_groups, **options):
    return estimate_rates(
        np.array(groups),
        np.array(orders, dtype=float),
        np.full(len(orders), 12.0),
        np.array(new_groups),
        np.zeros(len(new_groups)),
        np.zeros(len(new_groups)),
        **options,
    )


def test_group_of_twenty_is_used_and_of_nineteen_hands_over_to_its_parent():
    rng = np.random.default_rng(4)
    groups = [["food|L", "food"]] * 20 + [["food|S", "food"]] * 19 + [["steel|L", "steel"]] * 5
    orders = [*rng.poisson(20, 20), *rng.poisson(2, 19), *rng.poisson(5, 5)]
    new = [["food|L", "food"], ["food|S", "food"], ["steel|L", "steel"], ["never seen", "so"]]
    found = _estimate(groups, orders, new)
    assert found.level.tolist() == [0, 1, 2, 2]
    assert found.analogues.tolist() == [20, 39, 44, 44]
    assert found.rate[0] == pytest.approx(np.mean(orders[:20]) / 12, rel=1e-3)
    assert found.rate[1] == pytest.approx(np.mean(orders[:39]) / 12, rel=1e-2)
    assert found.confidence.tolist() == [0, 0, 0, 0]


def test_group_that_never_ordered_hands_over_to_its_parent():
    groups = [["a", "x"]] * 30 + [["b", "x"]] * 30
    found = _estimate(groups, [0] * 30 + [3, 5, 2] * 10, [["a", "x"]])
    assert found.level.tolist() == [1]


@pytest.mark.parametrize(
    ("orders", "periods"),
    [
        pytest.param([], [], id="nobody"),
        pytest.param([0, 0], [12, 12], id="nobody ordered"),
        pytest.param([1, 2], [12, 0], id="not watched"),
    ],
)
def test_group_without_a_rate_is_refused(orders, periods):
    with pytest.raises(UsageError, match="no rate"):
        fit_gamma(np.array(orders, dtype=float), np.array(periods, dtype=float))


def test_levels_that_differ_are_refused():
    with pytest.raises(UsageError, match="different levels"):
        _estimate([["a", "x"]] * 3, [1, 2, 3], [["a"]])


def test_sizes_are_those_that_made_the_orders():
    rng = np.random.default_rng(5)
    customer = np.repeat(np.arange(2000), 6)
    sizes = np.exp(rng.normal(3.0, 0.5, 2000)[customer] + rng.normal(0, 0.8, len(customer)))
    prior = fit_sizes(customer, sizes)
    assert prior.log_mean == pytest.approx(3.0, abs=0.05)
    assert prior.within == pytest.approx(0.64, rel=0.05)
    assert prior.between == pytest.approx(0.25, rel=0.1)
    log_mean, size = expected_size(prior, np.array([0.0]), np.array([0.0]))
    assert size[0] == pytest.approx(np.exp(prior.log_mean + prior.within / 2))
    assert log_mean[0] == prior.log_mean


def test_own_orders_pull_the_size_away_from_the_group():
    prior = fit_sizes(
        np.repeat(np.arange(40), 3),
        np.tile([5.0, 10, 20], 40) * np.repeat(np.linspace(0.2, 5, 40), 3),
    )
    log_mean, _ = expected_size(prior, np.log(100) * np.array([0.0, 1, 50]), np.array([0.0, 1, 50]))
    weight = prior.within / prior.between
    assert log_mean[1] == pytest.approx((weight * prior.log_mean + np.log(100)) / (weight + 1))
    assert log_mean[0] < log_mean[1] < log_mean[2] < np.log(100)


def test_one_order_size_for_all_is_the_size_of_the_next():
    prior = fit_sizes(np.array([0, 0, 1]), np.array([8.0, 8, 8]))
    assert expected_size(prior, np.array([0.0]), np.array([0.0]))[1][0] == pytest.approx(8)


def test_size_that_is_not_above_zero_is_refused():
    with pytest.raises(UsageError, match="no order sizes"):
        fit_sizes(np.array([0]), np.array([0.0]))
