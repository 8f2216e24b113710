"""A premium service is feasible as far as its hours are: the queue by hand, and fewer pickers."""

import itertools

import numpy as np
import pytest

from dagster_project.improvement.feasibility import (
    backlog,
    break_even_fee,
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
        replay(premium, others, hours * orders, cutoff=14, pickup=16).attainment
        for orders in (12, 9, 6, 3, 1.5)
    ]
    assert all(more >= less for more, less in itertools.pairwise(kept))
    assert kept[2] > kept[3] > kept[4]


def test_peak_day_is_not_better_than_the_average_one():
    premium, others = days()
    hours = np.zeros(24)
    hours[8:16] = 7
    found = replay(premium, others, hours, cutoff=14, pickup=16)
    assert found.on_peak() <= found.attainment


def test_what_goes_first_makes_the_others_wait():
    premium, others = days()
    hours = np.zeros(24)
    hours[8:16] = 20
    tight = replay(premium, others, hours, cutoff=14, pickup=16)
    ample = replay(premium, others, hours * 10, cutoff=14, pickup=16)
    assert tight.displaced.sum() > 0
    assert ample.displaced.sum() == pytest.approx(0)
    assert ample.attainment == 1


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
