"""An attribute is judged by coverage, stability, information and overlap."""

import numpy as np
import pytest
from scipy import stats

from dagster_project.schemes import catalogue

# Quinlan 1986, table 1: outlook, temperature, humidity, windy, class.
SATURDAYS = """
sunny hot high false N
sunny hot high true N
overcast hot high false P
rain mild high false P
rain cool normal false P
rain cool normal true N
overcast cool normal true P
sunny mild high false N
sunny cool normal false P
rain mild normal false P
sunny mild normal true P
overcast mild high true P
overcast hot normal false P
rain mild high true N
"""


def saturdays():
    return list(zip(*[line.split() for line in SATURDAYS.strip().splitlines()], strict=True))


def test_information_gain_is_that_of_quinlan_1986():
    """Machine Learning 1, pages 88 and 90: entropy .940, gains .246 .029 .151 .048 (truncated)."""
    *attributes, target = saturdays()
    assert round(catalogue.entropy(np.array([9, 5])), 3) == 0.940
    gains = [catalogue.information_gain(column, target) for column in attributes]
    assert gains == pytest.approx([0.246, 0.029, 0.151, 0.048], abs=0.001)


def test_attribute_that_is_the_target_saves_all_bits_and_a_constant_none():
    target = saturdays()[-1]
    assert catalogue.information_gain(target, target) == pytest.approx(0.940, abs=0.001)
    assert catalogue.information_gain(["same"] * 14, target) == pytest.approx(0.0, abs=1e-12)


def test_rank_correlation_with_ties_is_that_of_scipy():
    random = np.random.default_rng(3)
    a, b = random.integers(0, 9, 80).astype(float), random.integers(0, 9, 80).astype(float)
    b = b + a
    assert catalogue.spearman(a, b) == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-12)
    assert catalogue.spearman(a, np.ones(80)) is None


def test_stability_is_the_mean_over_neighbouring_months_and_leaves_missing_out():
    first = np.array([1.0, 2, 3, 4, np.nan])
    assert catalogue.rank_stability([first, first * 2, -first]) == pytest.approx(0.0)
    assert catalogue.rank_stability([first]) is None


def test_stability_index_of_two_bins_is_the_formula():
    """Half and half becomes 60 to 40: 0.1 ln 1.2 - 0.1 ln 0.8."""
    shift = catalogue.shift_of_counts(np.array([[500, 500], [600, 400]]))
    assert shift.index == pytest.approx(0.1 * np.log(1.5), abs=1e-12)
    assert shift.limit == pytest.approx(stats.chi2.ppf(0.99, 1) * 2 / 1000)
    assert shift.is_shifted


def test_same_shares_are_a_shift_for_many_customers_and_chance_for_few():
    few = catalogue.shift_of_counts(np.array([[25, 25], [30, 20]]))
    many = catalogue.shift_of_counts(np.array([[2500, 2500], [3000, 2000]]))
    assert few.index == pytest.approx(many.index)
    assert (few.is_shifted, many.is_shifted) == (False, True)


def test_limit_calls_about_one_unchanged_population_in_a_hundred_shifted():
    random = np.random.default_rng(11)
    called = [
        catalogue.shift_of_counts(random.multinomial(400, [0.1] * 10, size=2)).is_shifted
        for _ in range(3000)
    ]
    assert 0.004 < np.mean(called) < 0.02


def test_planted_shift_of_the_whole_population_is_found():
    random = np.random.default_rng(5)
    before = random.lognormal(8, 1, 400)
    same = catalogue.population_shift(before, random.lognormal(8, 1, 400))
    moved = catalogue.population_shift(before, random.lognormal(8.5, 1, 400))
    assert same is not None
    assert moved is not None
    assert (same.is_shifted, moved.is_shifted) == (False, True)


def test_population_that_does_not_vary_or_is_empty_has_no_index():
    assert catalogue.population_shift(np.ones(9), np.ones(9)) is None
    assert catalogue.population_shift(np.ones(0), np.ones(9)) is None


def test_inflation_of_two_columns_follows_from_their_rank_correlation():
    random = np.random.default_rng(2)
    a = random.normal(size=200)
    values = np.stack([a, a + random.normal(size=200)], axis=1)
    rho = catalogue.spearman(values[:, 0], values[:, 1])
    assert rho is not None
    assert catalogue.variance_inflation(values) == pytest.approx([1 / (1 - rho**2)] * 2)
    assert catalogue.rank_correlations(values)[0, 1] == pytest.approx(rho)


def test_copy_of_another_attribute_is_dropped_and_a_pinned_one_stays():
    random = np.random.default_rng(4)
    a, b = random.normal(size=(2, 300))
    values = np.stack([a, 2 * a + 1, b], axis=1)
    names = ["revenue", "revenue_again", "orders"]
    assert np.isinf(catalogue.variance_inflation(values)[:2]).all()
    for pinned, kept in ((["revenue"], "revenue"), (["revenue_again"], "revenue_again")):
        facts = catalogue.judge_attributes(names, [values, values], pinned=pinned)
        assert [one.attribute_id for one in facts if one.is_chosen] == [kept, "orders"]
    assert "variance inflation inf is above 5" in facts[0].reason


def test_inflation_just_above_five_is_dropped_and_just_below_is_kept():
    random = np.random.default_rng(8)
    a, b = random.normal(size=(2, 4000))
    for noise, low, high, kept in ((0.4, 5, 8, 1), (0.7, 2, 5, 2)):
        values = np.stack([a, a + noise * b], axis=1)
        assert low < catalogue.variance_inflation(values)[0] < high
        facts = catalogue.judge_attributes(["a", "b"], [values])
        assert sum(one.is_chosen for one in facts) == kept


def test_attribute_that_a_fifth_of_customers_lack_is_dropped():
    random = np.random.default_rng(6)
    values = random.normal(size=(100, 2))
    values[:21, 1] = np.nan
    facts = catalogue.judge_attributes(["a", "b"], [values, values], target=["x", "y"] * 50)
    assert [(one.coverage, one.is_chosen) for one in facts] == [(1.0, True), (0.79, False)]
    assert facts[1].reason == "coverage 79% is below 80%"
    assert facts[0].stability == pytest.approx(1.0)


def test_order_of_customers_changes_nothing():
    random = np.random.default_rng(7)
    values = random.integers(0, 20, size=(90, 3)).astype(float)
    target = random.choice(["high", "low"], 90)
    turn = random.permutation(90)
    first = catalogue.judge_attributes(["a", "b", "c"], [values, values + 1], target.tolist())
    second = catalogue.judge_attributes(
        ["a", "b", "c"], [values[turn], values[turn] + 1], target[turn].tolist()
    )
    for one, other in zip(first, second, strict=True):
        assert one.information_gain == pytest.approx(other.information_gain)
        assert one.inflation == pytest.approx(other.inflation)
        assert one.shift == other.shift
