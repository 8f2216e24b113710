"""A premium service is feasible as far as its hours are: the queue by hand, and fewer pickers."""

import itertools

import numpy as np
import pytest

from dagster_project.improvement.feasibility import (
    backlog,
    break_even_fee,
    carried,
    done_share,
    incremental_cost,
    reach_share,
    replay,
    resampled,
    served,
)


def test_backlog_of_five_hours_is_the_recursion_by_hand():
    # 10 come and 6 are done: 4 wait; 2 come: 0; nothing: 0; 9 come: 3; 1 comes: 0.
    assert list(backlog([10, 2, 0, 9, 1], [6] * 5)) == [4, 0, 0, 3, 0]
    assert list(served([10, 2, 0, 9, 1], [6] * 5)) == [6, 6, 0, 6, 4]


@pytest.mark.parametrize("seed", range(5))
def test_closed_form_equals_the_recursion_step_by_step(seed):
    rng = np.random.default_rng(seed)
    came, able = rng.integers(0, 20, 24), rng.integers(0, 20, 24)
    waiting, by_hand = 3.0, []
    for a, c in zip(came, able, strict=True):
        waiting = max(0.0, waiting + a - c)
        by_hand.append(waiting)
    assert backlog(came, able, start=3.0) == pytest.approx(np.array(by_hand))


def days(seed=1, count=60):
    rng = np.random.default_rng(seed)
    rate = np.zeros(24)
    rate[7:18] = 8
    return rng.poisson(rate, (count, 24)), rng.poisson(rate * 2, (count, 24))


def test_less_capacity_never_raises_attainment_and_half_of_it_lowers_it():
    premium, others = days()
    hours = np.zeros(24)
    hours[8:16] = 1
    kept = [
        replay(premium, [others], hours * orders, cutoff=14, pickup=16).attainment
        for orders in (12, 9, 6, 3, 1.5)
    ]
    assert all(more >= less for more, less in itertools.pairwise(kept))
    assert kept[2] > kept[3] > kept[4]


def test_peak_day_is_not_better_than_the_average_one():
    premium, others = days()
    hours = np.zeros(24)
    hours[8:16] = 7
    found = replay(premium, [others], hours, cutoff=14, pickup=16)
    assert found.on_peak() <= found.attainment


def test_what_goes_first_makes_the_others_wait():
    premium, others = days()
    hours = np.zeros(24)
    hours[8:16] = 20
    tight = replay(premium, [others], hours, cutoff=14, pickup=16)
    ample = replay(premium, [others], hours * 10, cutoff=14, pickup=16)
    assert tight.displaced.sum() > 0
    assert ample.displaced.sum() == pytest.approx(0)
    assert ample.attainment == 1
    assert ample.spare.mean() > tight.spare.mean() >= 0


def day(**hours):
    """A day of 24 hours with orders in some of them, as ``h9=4``."""
    came = np.zeros((1, 24))
    for name, orders in hours.items():
        came[0, int(name[1:])] = orders
    return came


def test_kinds_that_come_last_wait_longest_by_hand():
    # From eight on four an hour, pick-up at ten: eight are done. The service takes four of them.
    hours = np.zeros(24)
    hours[8:10] = 4
    early, late = day(h7=4), day(h8=6)
    found = replay(day(h9=4), [early, late], hours, cutoff=10, pickup=10)
    # Without the service 4 early and 4 of the 6 late ones leave, none of the four of hour nine.
    # With it hour nine is taken: the early ones leave in hour eight, and all late ones wait.
    assert found.displaced[:, 0] == pytest.approx([0, 4])
    assert (found.kept[0], found.last_hour_attainment) == (4, 1)


def test_share_done_by_the_pick_up_by_hand():
    # Three are done in each of two hours: all four of hour 0, two of the three of hour 1.
    came = [[4, 3, 5]]
    assert done_share(came, [3, 3, 9], until=2)[0] == pytest.approx([1, 2 / 3, 0])


def test_orders_of_a_closed_day_and_of_the_evening_wait_for_the_next_open_one():
    came = np.vstack([day(h9=2, h20=1), day(h10=5), day(h9=3, h19=7)])
    open_days = carried(came, np.array([True, False, True]), close=18)
    assert open_days.shape == (2, 24)
    assert (open_days[0, 0], open_days[0, 9], open_days[0, 20]) == (0, 2, 0)
    # The one of the evening and the five of the closed day; its own seven wait for a later day.
    assert (open_days[1, 0], open_days[1].sum()) == (6, 9)


def test_a_shift_of_its_own_is_shared_by_the_orders_of_its_day():
    assert incremental_cost(22, 450, 30) == pytest.approx(37)
    assert incremental_cost(22, 450, 0) is None
    assert break_even_fee(None, 0.9) is None


def test_draws_are_the_same_on_every_machine():
    of = np.arange(40).reshape(20, 2)
    assert (resampled(of, 1000, 7) == resampled(of, 1000, 7)).all()
    assert len(resampled(of, 1000, 7)) == 1000


def test_reach_is_the_share_of_places_within_the_way_that_time_allows():
    # One degree of latitude is 111.195 km; roads are a quarter longer.
    places = [51.0, 52.0], [10.0, 10.0]
    at = (50.0, 10.0)
    assert reach_share(*places, at, hours=2, speed_km_h=70, circuity=1.25) == 0.5
    assert reach_share(*places, at, hours=1.9, speed_km_h=70, circuity=1.25) == 0
    assert reach_share(*places, at, hours=4, speed_km_h=70, circuity=1.25) == 1
    assert reach_share([], [], at, 4, 70, 1.25) is None


def test_fee_that_pays_is_higher_where_less_is_kept():
    assert break_even_fee(4.0, 0.8) == pytest.approx(5)
    assert break_even_fee(4.0, None) is None
