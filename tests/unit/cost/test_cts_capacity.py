"""A pool is charged by the minutes that were used, whatever its sign and however little it did."""

import pytest

from dagster_project.cost.capacity import capacity_rate, usage


def test_accruals_taken_back_are_charged_back_and_still_add_up():
    back = usage(-700, 1_000, minutes=[10], quantities=[60])
    assert back.charged.tolist() == pytest.approx([-420])
    assert back.unused_cost == pytest.approx(-280)


def test_nothing_was_done_so_all_of_the_cost_is_unused():
    idle = usage(700, 1_000, minutes=[10], quantities=[0])
    assert (idle.charged.sum(), idle.unused_cost, idle.unused_minutes) == (0, 700, 1_000)


def test_no_practical_capacity_has_no_rate_and_charges_nobody():
    nothing = usage(700, 0, minutes=[10], quantities=[5])
    assert (nothing.charged.sum(), nothing.unused_cost) == (0, 700)
    with pytest.raises(ValueError, match="practical minutes"):
        capacity_rate(700, 0)


def test_more_than_practical_shows_as_negative_idle_cost():
    over = usage(700, 1_000, minutes=[10], quantities=[110])
    assert over.charged.sum() == pytest.approx(770)
    assert over.unused_cost == pytest.approx(-70)
    assert over.unused_minutes == -100


def test_minutes_are_never_negative():
    with pytest.raises(ValueError, match="never negative"):
        usage(700, 1_000, minutes=[-1], quantities=[5])
