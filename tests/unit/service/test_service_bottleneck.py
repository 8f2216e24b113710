"""A stage that delays one tier more than its share of the lines is found, with its interval."""

import numpy as np
import pytest

from dagster_project.service.bottleneck import Ways, cells, delays, first_slips

NAN = np.nan
STANDARDS = np.array([60.0, 60.0, NAN])


def ways(segment, week, minutes, amount=None, late=None):
    n = len(segment)
    amount = np.full(n, 100, dtype=np.int64) if amount is None else np.array(amount)
    late = np.zeros(n, dtype=np.int64) if late is None else np.array(late)
    return Ways(
        np.array(segment),
        np.zeros(n, dtype=np.int64),
        np.array(week),
        np.array(minutes, dtype=float),
        np.full((n, 3), 7, dtype=np.int64),
        np.ones(n, dtype=np.int64),
        late,
        amount,
        amount * late,
    )


def test_a_missing_time_or_standard_is_no_delay():
    found = delays(np.array([[NAN, 90.0, 500.0]]), STANDARDS)
    assert found.tolist() == [[0.0, 30.0, 0.0]]


def test_the_first_stage_beyond_its_standard_is_where_an_order_slipped():
    found = first_slips(np.array([[0.0, 5.0, 9.0], [1.0, 5.0, 0.0], [0.0, 0.0, 0.0]]))
    assert found.tolist() == [1, 0, -1]


def test_the_index_is_the_share_of_the_delayed_amount_over_that_of_the_lines():
    # Segment 0 has one of four lines and half of the delayed amount at the first stage.
    minutes = [[90, 10, 1], [90, 10, 1], [10, 10, 1], [10, 10, 1]]
    found = cells(ways([0, 1, 1, 1], [0, 0, 1, 1], minutes), STANDARDS, 2, 1, 2)
    assert found.index[:, 0, 0] == pytest.approx([0.5 / 0.25, 0.5 / 0.75])
    assert np.isnan(found.index[:, 0, 1]).all()
    assert found.peak_hour[0, 0, 0] == 7
    assert found.peak_hour[0, 0, 1] == -1


def test_what_cannot_be_measured_is_left_out_and_counted():
    found = cells(
        ways([0, 0, 1], [0, 1, 1], [[NAN, 10, 1], [90, 10, 1], [90, 10, 1]]), STANDARDS, 2, 1, 2
    )
    assert found.shipments[0, 0].tolist() == [2, 2, 2]
    assert found.measured[0, 0].tolist() == [1, 2, 2]
    assert found.lines[0, 0, 0] == 1


def test_only_late_orders_slip_and_only_once():
    minutes = [[90, 90, 1], [90, 90, 1]]
    found = cells(ways([0, 0], [0, 1], minutes, late=[1, 0]), STANDARDS, 1, 1, 2)
    assert found.first_slip_lines[0, 0].tolist() == [1, 0, 0]
    assert found.delayed[0, 0].tolist() == [2, 2, 0]


def planted(rng, n=4_000, slow=0.4):
    """Two segments; the second stage is slow for the first of them."""
    segment = (rng.random(n) < 0.8).astype(int)
    late = (rng.random(n) < np.where(segment == 0, slow, 0.05)).astype(int)
    minutes = np.full((n, 3), 30.0)
    minutes[:, 1] += 90 * late
    minutes[:, 0] += 90 * (rng.random(n) < 0.05)
    return ways(segment, rng.integers(0, 52, n), minutes, late=late)


def test_a_slow_stage_of_one_tier_has_an_interval_above_one_and_chance_has_not():
    found = cells(planted(np.random.default_rng(7)), STANDARDS, 2, 1, 52)
    assert found.index_low[0, 0, 1] > 1
    assert found.index_high[1, 0, 1] < 1
    assert found.index_low[0, 0, 0] < 1 < found.index_high[0, 0, 0]


def test_the_order_of_the_rows_does_not_matter():
    rows = planted(np.random.default_rng(7))
    turned = Ways(*(getattr(rows, name)[::-1] for name in rows.__dataclass_fields__))
    one, other = (cells(each, STANDARDS, 2, 1, 52) for each in (rows, turned))
    for name in one.__dataclass_fields__:
        assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True), name
