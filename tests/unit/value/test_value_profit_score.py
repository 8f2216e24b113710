"""Profit of customers: ties, losses, denominators that mean nothing, cost that reaches nobody."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagster_project.value.activity_cost import activity_costs, activity_rates, net_to_serve
from dagster_project.value.ratios import ratio
from dagster_project.value.whale import profit_score, whale_curve


def test_ratio_over_nothing_or_a_negative_amount_is_null_with_the_reason():
    found = ratio([10, 10, 10, np.nan, 10], [5, 0, -5, 5, np.nan], "net revenue")
    assert found.values[0] == 2.0
    assert np.isnan(found.values[1:]).all()
    assert list(found.reasons) == [
        None,
        "net revenue is not positive",
        "net revenue is not positive",
        "amount is unknown",
        "net revenue is unknown",
    ]


def test_higher_net_to_serve_scores_higher():
    assert profit_score([30, 10, 20, -5], [100, 100, 100, 100]).values == pytest.approx(
        [1.0, 0.5, 0.75, 0.25]
    )


def test_ratio_decides_between_equal_amounts_only():
    found = profit_score([10, 10, 9], [200, 100, 9]).values
    assert found == pytest.approx([2 / 3, 1.0, 1 / 3])


def test_customers_equal_in_both_share_the_score():
    assert profit_score([10, 10, 5], [100, 100, 50]).values == pytest.approx([1.0, 1.0, 1 / 3])


def test_ratio_that_cannot_be_said_ranks_lowest_among_equal_amounts():
    assert profit_score([-10, -10], [-50, 100]).values == pytest.approx([0.5, 1.0])


def test_unknown_net_to_serve_is_not_scored_and_counts_for_nobody():
    found = profit_score([10, np.nan, 20], [100, 100, 100])
    assert found.values[[0, 2]] == pytest.approx([0.5, 1.0])
    assert np.isnan(found.values[1])
    assert list(found.reasons) == [None, "net-to-serve is unknown", None]


amounts = st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=40)


@given(amounts, st.randoms())
def test_order_of_the_customers_changes_no_score(profits, random):
    shuffled = list(range(len(profits)))
    random.shuffle(shuffled)
    revenue = np.abs(profits) + 1
    score = profit_score(profits, revenue).values
    again = profit_score(np.array(profits)[shuffled], revenue[shuffled]).values
    assert (again == score[shuffled]).all()


@given(amounts)
def test_peak_is_never_below_the_final_profit_nor_below_any_customer(profits):
    curve = whale_curve(np.arange(len(profits)), profits)
    assert curve.peak >= curve.final
    assert curve.peak >= max(profits)
    assert curve.cumulative_customers[-1] == 1.0
    assert sorted(curve.order) == list(range(len(profits)))


def test_equal_customers_are_ranked_by_name():
    curve = whale_curve(["B", "A", "C"], [5, 5, 9])
    assert list(curve.order) == [2, 1, 0]


def test_peak_is_reached_by_the_fewest_customers():
    assert whale_curve(["A", "B", "C"], [5, 0, -1]).peak_rank == 1


def test_shares_of_a_loss_are_null_with_the_reason():
    curve = whale_curve(["A", "B"], [5, -10])
    assert curve.peak_ratio is None
    assert np.isnan(curve.cumulative_share.values).all()
    assert set(curve.cumulative_share.reasons) == {"profit of all customers is not positive"}


@pytest.mark.parametrize(
    ("names", "profits"),
    [
        pytest.param([], [], id="nobody"),
        pytest.param(["A", "A"], [1, 2], id="one name twice"),
        pytest.param(["A", "B"], [1, np.nan], id="unknown profit"),
    ],
)
def test_curve_of_nothing_or_of_unknown_profit_is_refused(names, profits):
    with pytest.raises(ValueError, match=r"customer|profit"):
        whale_curve(names, profits)


def test_effort_that_does_not_add_up_is_refused():
    with pytest.raises(ValueError, match="add up"):
        activity_rates([100], [[0.5, 0.4]], [10, 10])


def test_cost_without_volume_is_refused_and_no_cost_without_volume_is_free():
    with pytest.raises(ValueError, match="no volume"):
        activity_rates([100], [[0.5, 0.5]], [10, 0])
    assert activity_rates([100], [[1.0, 0.0]], [10, 0]) == pytest.approx([10, 0])


def test_all_cost_reaches_the_customers_when_their_volumes_are_all():
    rates = activity_rates([700, 300], [[0.7, 0.3], [0.0, 1.0]], [10, 4])
    costs = activity_costs(rates, [[6, 1], [4, 3]])
    assert costs.sum() == pytest.approx(1000)


def test_unknown_cost_of_goods_makes_the_profit_unknown():
    assert np.isnan(net_to_serve([100], [np.nan], [[5]])[0])


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="effort"):
        activity_rates([100, 50], [[1.0]], [10])
    with pytest.raises(ValueError, match="rates"):
        activity_costs([1.0, 2.0], [[1.0]])
    with pytest.raises(ValueError, match="negative"):
        activity_costs([1.0], [[-1.0]])
