"""Lifetime value: limits of the models, customers with a contract, what is refused and why."""

import numpy as np
import pytest

from dagster_project.value.bgnbd import BGNBD, fit_bgnbd
from dagster_project.value.gamma_gamma import (
    GammaGamma,
    Independence,
    fit_gamma_gamma,
    independence,
)
from dagster_project.value.lifetime_value import contract_value, discount_factors, lifetime_value

PURCHASES = BGNBD(0.243, 4.414, 0.793, 2.426, -9582.0)
MARGINS = GammaGamma(6.25, 3.74, 15.44, -4056.0, Independence(0.11, 946), 946, 0)
HORIZON = {"months": 12, "monthly_discount": 0.01, "month_length": 4.345}


def _value(margins=MARGINS, mean_margin=(22.35,), frequency=(2,), recency=(30.43,), age=(38.86,)):
    return lifetime_value(PURCHASES, margins, frequency, recency, age, mean_margin, **HORIZON)


def test_customer_without_a_repeat_purchase_counts_as_alive():
    assert PURCHASES.alive(0, 0, 38.86)[0] == 1.0


def test_longer_silence_makes_leaving_more_likely():
    alive = PURCHASES.alive([5, 5, 5], [38, 30, 10], [39, 39, 39])
    assert (np.diff(alive) < 0).all()


def test_expectation_of_a_new_customer_is_that_of_one_observed_for_no_time():
    time = np.array([1.0, 20.0, 52.0])
    observed = PURCHASES.expected_future_purchases(time, [0, 0, 0], [0, 0, 0], [0, 0, 0])
    assert observed == pytest.approx(PURCHASES.expected_purchases(time))


def test_expectation_agrees_with_a_simulated_population():
    rng = np.random.default_rng(11)
    size, until = 200_000, 20.0
    rate = rng.gamma(PURCHASES.r, 1 / PURCHASES.alpha, size)
    leaves_after = rng.geometric(rng.beta(PURCHASES.a, PURCHASES.b, size))
    bought = np.minimum(rng.poisson(rate * until), leaves_after)
    assert PURCHASES.expected_purchases(until) == pytest.approx(bought.mean(), rel=0.02)


def test_many_purchases_do_not_overflow():
    expected = PURCHASES.expected_future_purchases(39, [3_000], [38.8], [38.86])
    assert np.isfinite(expected).all()
    assert 0 < expected[0] < 3_100


def test_dropout_parameter_of_one_is_no_gap():
    left, on, right = (
        BGNBD(0.24, 4.4, a, 2.4, 0.0).expected_purchases(30.0) for a in (0.9999, 1.0, 1.0001)
    )
    assert on == pytest.approx((left + right) / 2, rel=1e-6)


def test_customers_who_all_leave_with_one_probability_have_finite_expectations():
    """The fit of very many alike customers ends with a and b of any size: the model's limit."""
    history = {
        "time": 52.0,
        "frequency": [0, 3, 900],
        "recency": [0, 50, 700],
        "age": [60, 60, 705],
    }
    found = [
        BGNBD(2.0, 5.0, size * 0.1, size * 0.9, 0.0).expected_future_purchases(**history)
        for size in (1e3, 1e5, 1e12)
    ]
    assert np.isfinite(found).all()
    # One in ten leaves at each purchase: nobody buys more than ten times more on average.
    assert (found[-1] < 10).all()
    assert found[1] == pytest.approx(found[-1], rel=2e-2)


def test_planted_parameters_are_found_again():
    rng = np.random.default_rng(5)
    size, age = 20_000, 50.0
    rate = rng.gamma(0.8, 1 / 6.0, size)
    leaves_after = rng.geometric(rng.beta(1.0, 3.0, size))
    bought = rng.poisson(rate * age)
    frequency = np.minimum(bought, leaves_after)
    # Purchase times are uniform given their number; the last one kept is an order statistic.
    share = rng.beta(np.maximum(frequency, 1), np.maximum(bought - frequency, 0) + 1)
    recency = np.where(frequency > 0, share * age, 0.0)
    fit = fit_bgnbd(frequency, recency, np.full(size, age))
    assert (fit.r, fit.alpha) == pytest.approx((0.8, 6.0), rel=0.1)
    assert fit.a / (fit.a + fit.b) == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize(
    ("history", "reason"),
    [
        pytest.param((1, 40, 39), "after the end", id="last purchase in the future"),
        pytest.param((0, 5, 39), "without a repeat", id="time of a purchase that was not"),
        pytest.param((-1, 0, 39), "negative", id="negative frequency"),
        pytest.param((1.5, 3, 39), "whole", id="half a purchase"),
        pytest.param((1, float("nan"), 39), "missing", id="unknown time"),
        pytest.param((2, 0, 0), "without a time", id="bought in no time"),
        pytest.param(([], [], []), "no customers", id="nobody"),
    ],
)
def test_impossible_history_is_refused(history, reason):
    with pytest.raises(ValueError, match=reason):
        fit_bgnbd(*history)


def test_nobody_who_came_back_gives_no_model():
    with pytest.raises(ValueError, match="Nobody bought twice"):
        fit_bgnbd([0, 0], [0, 0], [10, 20])


def test_customers_who_are_all_alike_give_no_model():
    with pytest.raises(ValueError, match="too few or too alike"):
        fit_gamma_gamma([2, 2, 2, 2], [10.0, 10.0, 10.0, 10.0])


def test_negative_mean_margin_is_left_out_counted_and_has_no_expectation():
    rng = np.random.default_rng(2)
    mean = rng.gamma(3, 10, 300)
    x = rng.integers(1, 9, 300)
    fit = fit_gamma_gamma([*x, 4, 3], [*mean, -5.0, 0.0])
    assert (fit.customers, fit.left_out) == (300, 2)
    assert fit == fit_gamma_gamma([*x, 4, 1], [*mean, -9.0, -1.0])
    found = fit.expected_margin([4, 0], [-5.0, np.nan])
    assert np.isnan(found.values[0])
    assert found.reasons[0] == "mean margin is not positive"
    assert found.values[1] == pytest.approx(fit.p * fit.v / (fit.q - 1))


def test_mean_of_all_is_unknown_where_margins_have_none():
    wild = GammaGamma(6.0, 0.9, 15.0, 0.0, Independence(0.0, 10), 10, 0)
    found = wild.expected_margin([0, 5], [0.0, 20.0])
    assert np.isnan(found.values[0])
    assert found.reasons[0] == "margins vary too much for a mean of all customers"
    assert found.values[1] > 0


@pytest.mark.parametrize(
    ("correlation", "holds"),
    [(0.29, True), (-0.29, True), (0.3, False), (-0.5, False), (float("nan"), False)],
)
def test_independence_holds_below_the_limit_only(correlation, holds):
    assert Independence(correlation, 100).holds is holds


def test_correlation_is_that_of_numpy_over_usable_customers():
    x, mean = [1, 2, 5, 9, 0, 3], [10.0, 14.0, 13.0, 30.0, 99.0, -7.0]
    found = independence(x, mean)
    assert found.customers == 4
    assert found.correlation == pytest.approx(np.corrcoef(x[:4], mean[:4])[0, 1])


def test_correlation_of_equal_frequencies_is_unknown():
    assert not independence([2, 2, 2], [1.0, 2.0, 3.0]).holds


def test_value_is_refused_where_frequency_and_margin_go_together():
    together = GammaGamma(6.25, 3.74, 15.44, 0.0, Independence(0.42, 900), 900, 0)
    found = _value(margins=together)
    assert np.isnan(found.values[0])
    assert found.reasons[0] == "frequency and margin go together (correlation 0.42)"


def test_value_is_the_sum_over_months_of_discounted_purchases():
    found = _value()
    ends = np.arange(13) * 4.345
    until = PURCHASES.expected_future_purchases(ends, [2] * 13, [30.43] * 13, [38.86] * 13)
    margin = MARGINS.expected_margin([2], [22.35]).values[0]
    by_hand = sum((until[m] - until[m - 1]) * margin / 1.01**m for m in range(1, 13))
    assert found.values[0] == pytest.approx(by_hand)


def test_negative_margin_has_no_value_and_a_reason():
    found = _value(mean_margin=(-3.0,))
    assert np.isnan(found.values[0])
    assert found.reasons[0] == "mean margin is not positive"


def test_contract_is_worth_what_is_left_times_the_probability_of_renewal():
    found = contract_value([1_200.0], [12], [0.8], monthly_discount=0.0)
    assert found.values[0] == pytest.approx(960.0)


def test_contract_money_comes_month_by_month():
    found = contract_value([300.0, 300.0], [3, 1], [1.0, 1.0], monthly_discount=0.01)
    assert found.values == pytest.approx([100 * (1 / 1.01 + 1 / 1.01**2 + 1 / 1.01**3), 300 / 1.01])


def test_contract_without_remainder_or_probability_has_a_reason_and_no_value():
    found = contract_value([500.0, 500.0, 500.0], [0, 6, 6], [0.9, np.nan, 0.5], monthly_discount=0)
    assert list(found.reasons) == ["contract has ended", "renewal probability is unknown", None]
    assert np.isnan(found.values[:2]).all()
    assert found.values[2] == pytest.approx(250.0)


@pytest.mark.parametrize(
    ("left", "renewal", "reason"),
    [
        (6, 1.2, "between 0 and 1"),
        (6, -0.1, "between 0 and 1"),
        (-1, 0.5, "whole"),
        (1.5, 1, "whole"),
    ],
)
def test_impossible_contract_is_refused(left, renewal, reason):
    with pytest.raises(ValueError, match=reason):
        contract_value([1.0], [left], [renewal], monthly_discount=0.01)


@pytest.mark.parametrize(("months", "discount"), [(0, 0.01), (12, -1.0)])
def test_impossible_horizon_is_refused(months, discount):
    with pytest.raises(ValueError, match=r"horizon|discount"):
        discount_factors(months, discount)
