"""Who says something else than others who were served alike stands off the line."""

import numpy as np
import pytest

from dagster_project.improvement.perception import (
    AS_MEASURED,
    BETTER,
    WORSE,
    line_through,
    on_one_scale,
    verdict_of,
)

SERVED = np.linspace(0.7, 1.0, 40)


def noise(seed=0):
    return np.random.default_rng(seed).normal(0, 0.02, len(SERVED))


def test_line_is_the_one_that_was_planted():
    line = line_through(SERVED, 0.2 + 0.6 * SERVED)
    assert (line.slope, line.intercept) == (pytest.approx(0.6), pytest.approx(0.2))
    assert line.rank_correlation == pytest.approx(1)
    assert not line.distance.any()


def test_a_few_angry_customers_are_found_and_do_not_move_the_line():
    said = 0.2 + 0.6 * SERVED + noise()
    calm = line_through(SERVED, said)
    said[[5, 20, 35]] = 0.1
    line = line_through(SERVED, said)
    assert line.slope == pytest.approx(calm.slope, abs=0.1)
    worse = [k for k, one in enumerate(line.distance) if verdict_of(one, 2.5) == WORSE]
    assert {5, 20, 35} <= set(worse)
    assert len(worse) <= 5


def test_order_of_the_customers_does_not_matter():
    said = 0.2 + 0.6 * SERVED + noise()
    turned = line_through(SERVED[::-1], said[::-1])
    np.testing.assert_allclose(turned.distance[::-1], line_through(SERVED, said).distance)


def test_more_customers_than_pairs_can_be_made_of_are_thinned():
    many = np.linspace(0.5, 1.0, 5_000)
    assert line_through(many, 0.5 * many).slope == pytest.approx(0.5)


@pytest.mark.parametrize("served", [SERVED[:9], np.full(20, 0.9)], ids=["nine", "all alike"])
def test_too_few_or_alike_make_no_line(served):
    assert line_through(served, np.linspace(0, 1, len(served))) is None


@pytest.mark.parametrize(
    ("distance", "verdict"), [(-2.6, WORSE), (-2.5, AS_MEASURED), (2.5, AS_MEASURED), (2.6, BETTER)]
)
def test_limit_itself_is_as_measured(distance, verdict):
    assert verdict_of(distance, 2.5) == verdict


def test_scores_are_put_on_one_scale():
    assert [on_one_scale("NPS", 10), on_one_scale("LSQ", 1), on_one_scale("CSAT", 5)] == [1, 0, 1]
    assert on_one_scale("PULSE", 3) is None
