"""What stayed open beyond the plan is the part of demand plus the part of execution, exactly."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dagster_project.service.replay import planned_demand, split, unfilled


def whole(*rows):
    return np.array(rows, dtype=np.int64)


def test_what_is_not_in_stock_stays_open_and_is_not_owed_later():
    # 5 in stock: 3 go out; then 2 + 4 are there for 7; what comes later serves what comes later.
    open_units = unfilled(whole(5)[0], whole([3, 7, 1]), whole([0, 4, 2]))
    assert open_units.tolist() == [[0, 1, 0]]


def test_a_plan_that_held_leaves_nothing_to_explain():
    plan = whole([4, 4, 4])
    found = split(whole(2)[0], plan, plan, plan, plan)
    assert not found.f11.any()
    assert not found.twice_demand.any()
    assert not found.twice_execution.any()


def test_more_demand_with_supply_as_planned_is_all_of_demand():
    found = split(np.array([0]), whole([4, 4]), whole([4, 9]), whole([4, 4]), whole([4, 4]))
    assert (found.f11 - found.f00).tolist() == [[0, 5]]
    assert (found.twice_demand // 2).tolist() == [[0, 5]]
    assert not found.twice_execution.any()


def test_late_supply_with_demand_as_planned_is_all_of_execution():
    found = split(np.array([0]), whole([4, 4]), whole([4, 4]), whole([4, 4]), whole([0, 8]))
    assert (found.twice_execution // 2).tolist() == [[4, 0]]
    assert not found.twice_demand.any()


def test_both_at_once_are_shared_as_shapley_says():
    # By hand: F00 0, F10 3 (demand 7 for 4), F01 2 (supply 2), F11 5: demand 3, execution 2.
    found = split(np.array([0]), whole([4]), whole([7]), whole([4]), whole([2]))
    assert [int(f[0, 0]) for f in (found.f00, found.f10, found.f01, found.f11)] == [0, 3, 2, 5]
    assert (found.twice_demand[0, 0] / 2, found.twice_execution[0, 0] / 2) == (3, 2)


def test_a_plan_that_is_too_low_on_average_is_bias_and_the_rest_is_noise():
    # Two too few in each of two months: all bias. Four up and four down: all noise.
    biased = split(np.array([0]), whole([4, 4]), whole([6, 6]), whole([4, 4]), whole([4, 4]))
    assert biased.twice_bias.tolist() == biased.twice_demand.tolist() == [[4, 4]]
    noisy = split(np.array([0]), whole([4, 4]), whole([8, 0]), whole([4, 4]), whole([4, 4]))
    assert not noisy.twice_bias.any()
    assert noisy.twice_noise.tolist() == noisy.twice_demand.tolist()


UNITS = st.integers(0, 10**12)


@settings(deadline=None)
@given(
    arrays(np.int64, 3, elements=UNITS),
    *(arrays(np.int64, (3, 5), elements=UNITS) for _ in range(4)),
)
def test_the_parts_add_up_for_any_history(opening, plan, demand, due, supply):
    found = split(opening, plan, demand, due, supply)
    total = found.twice_demand + found.twice_execution
    assert (total == 2 * (found.f11 - found.f00)).all()
    assert (found.twice_bias + found.twice_noise == found.twice_demand).all()
    # In units as doubles the sum is right to 1e-12 of the parts, which may cancel each other.
    parts = found.twice_demand / 2e6, found.twice_execution / 2e6
    off = np.abs(parts[0] + parts[1] - (found.f11 - found.f00) / 1e6)
    assert (off <= 1e-12 * np.maximum(1, np.abs(parts[0]) + np.abs(parts[1]))).all()


def test_without_a_plan_the_mean_of_the_months_before_stands_for_it():
    assert planned_demand(whole([4, 8, 6, 100]), 2).tolist() == [[4, 4, 6, 7]]
