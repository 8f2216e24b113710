"""A planted effect of a change of tier is found against customers who did not change."""

import numpy as np
import pytest

from dagster_project.schemes.perception import SPAN, effect, interval, tier_changes

MONTHS, CHANGE = 24, 12


def company(events=60, controls=240, planted=-0.5, noise=0.3, seed=1):
    """Customers of the third tier in two regions; some fall to the fourth in month 12.

    Everybody's answers drift upwards by 0.1 a month: a plain before-after would show a rise.
    """
    generator = np.random.default_rng(seed)
    count = events + controls
    rank = np.full((count, MONTHS), 3)
    rank[:events, CHANGE:] = 4
    region = np.arange(count) % 2
    size = np.tile(generator.lognormal(3, 1, count)[:, None], (1, MONTHS))
    answers = 8 + 0.1 * np.arange(MONTHS)[None, :] + region[:, None]
    answers = answers + generator.normal(0, noise, (count, MONTHS))
    answers[:events, CHANGE:] += planted
    return answers, rank, region, size


def judge(answers, rank, region, size, is_up=False, min_events=30):
    return effect(answers, rank, region, size, tier_changes(rank), is_up, min_events)


def test_planted_loss_of_half_a_point_is_recovered_with_its_interval():
    found = judge(*company())
    assert found.estimate == pytest.approx(-0.5, abs=0.06)
    assert found.low < -0.5 < found.high < 0
    assert found.events == found.judged == 60


def test_no_effect_is_not_found():
    found = judge(*company(planted=0.0))
    assert found.low < 0 < found.high


def test_path_is_flat_before_and_lower_after():
    found = judge(*company(noise=0.0))
    gap = found.treated - found.control
    assert np.allclose(gap[:SPAN], 0, atol=1e-9)
    assert np.allclose(gap[SPAN:], -0.5, atol=1e-9)


def test_fewer_than_thirty_events_are_told_without_an_interval():
    found = judge(*company(events=29))
    assert found.judged == 29
    assert found.estimate is not None
    assert (found.low, found.high) == (None, None)


def test_customers_who_did_not_answer_are_left_out_and_counted():
    answers, rank, region, size = company()
    answers[:20] = np.nan
    found = judge(answers, rank, region, size)
    assert (found.events, found.judged) == (60, 40)
    assert found.estimate == pytest.approx(-0.5, abs=0.08)


def test_direction_without_a_change_and_changes_near_the_end_give_nothing():
    answers, rank, region, size = company()
    assert judge(answers, rank, region, size, is_up=True).estimate is None
    late = np.where(np.arange(MONTHS)[None, :] < MONTHS - SPAN, 3, rank)
    assert len(tier_changes(late).entity) == 0


def test_order_of_customers_changes_nothing_but_the_draws_of_the_interval():
    answers, rank, region, size = company()
    order = np.random.default_rng(3).permutation(len(rank))
    found = judge(answers, rank, region, size)
    shuffled = judge(answers[order], rank[order], region[order], size[order])
    assert shuffled.estimate == pytest.approx(found.estimate, abs=1e-12)


def test_interval_is_the_same_each_time_and_wider_when_changes_of_one_customer_are_alike():
    values = np.repeat(np.random.default_rng(5).normal(0, 1, 20), 5)
    alone, together = np.arange(100), np.repeat(np.arange(20), 5)
    narrow, wide = interval(values, alone), interval(values, together)
    assert interval(values, alone) == narrow
    assert wide[1] - wide[0] > 1.5 * (narrow[1] - narrow[0])
