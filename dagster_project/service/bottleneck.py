"""Where the way of orders is narrow, and whom it hits more than its share.

A stage that takes longer than its standard delays what passes it; of a late shipment the first
such stage is where it slipped. The index of a segment at a stage of a site is its share of the
delayed amount there over its share of the lines there: above one it is hit more than others. Its
interval is the percentile bootstrap (B. Efron and R. J. Tibshirani, An Introduction to the
Bootstrap, 1993) over whole weeks, since the orders of a week are late together.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

DRAWS = 500
SEED = 1993
LIMITS = (2.5, 97.5)
"""Percentiles of the interval, 95 %."""
FLAG_ABOVE = 1.2
"""The lower limit of the index from which a good tier counts as hit."""


@dataclass(frozen=True)
class Ways:
    """Shipments of orders: places in the lists of segments, sites and weeks, minutes by stage.

    ``minutes`` and ``starts`` (hour of the day in which the stage began, -1 unknown) have shape
    (n, s), missing minutes are NaN; ``lines``, ``late_lines``, ``amount`` and ``late_amount`` have
    shape (n,), both amounts in ten-thousandths of the group currency.
    """

    segment: IntArray
    site: IntArray
    week: IntArray
    minutes: FloatArray
    starts: IntArray
    lines: IntArray
    late_lines: IntArray
    amount: IntArray
    late_amount: IntArray


@dataclass(frozen=True)
class Cells:
    """Sums and indices by segment, site and stage, each of shape (g, d, s)."""

    shipments: IntArray
    measured: IntArray
    delayed: IntArray
    milli_minutes: IntArray
    milli_delay: IntArray
    lines: IntArray
    first_slip_lines: IntArray
    first_slip_amount: IntArray
    delayed_amount: IntArray
    index: FloatArray
    index_low: FloatArray
    index_high: FloatArray
    peak_hour: IntArray


def delays(minutes: FloatArray, standards: FloatArray) -> FloatArray:
    """Return the minutes beyond the standard, (n, s); zero where time or standard is missing."""
    beyond = minutes - standards[None, :]
    return np.where(np.isnan(beyond), 0.0, np.maximum(beyond, 0.0))


def first_slips(delay: FloatArray) -> IntArray:
    """Return the first stage with a delay, -1 where there is none; shape (n,)."""
    slipped = delay > 0
    return np.where(slipped.any(axis=1), slipped.argmax(axis=1), -1).astype(np.int64)


def cells(ways: Ways, standards: FloatArray, segments: int, sites: int, weeks: int) -> Cells:
    """Sum up the ways and say whom each stage hits.

    Args:
        ways: Shipments of orders.
        standards: Working minutes that each stage may take, shape (s,); NaN where none holds.
        segments: How many segments there are.
        sites: How many sites.
        weeks: How many weeks.

    Returns:
        Sums and indices; an index is NaN where nothing was delayed or no line passed.
    """
    stages = len(standards)
    shape = (segments, sites, stages)
    delay = delays(ways.minutes, standards)
    is_known = ~np.isnan(ways.minutes)
    slip = np.where(ways.late_lines > 0, first_slips(delay), -1)
    is_slip = slip[:, None] == np.arange(stages)[None, :]
    base = (ways.segment * sites + ways.site)[:, None] * stages + np.arange(stages)[None, :]

    def total(values: IntArray) -> IntArray:
        found = np.zeros(segments * sites * stages, dtype=np.int64)
        np.add.at(found, base.ravel(), np.broadcast_to(values, base.shape).ravel())
        return found.reshape(shape)

    known = is_known.astype(np.int64)
    minutes = np.where(is_known, np.rint(np.nan_to_num(ways.minutes) * 1000), 0).astype(np.int64)
    milli_delay = np.rint(delay * 1000).astype(np.int64)
    passed = known * ways.lines[:, None]
    amount = np.where(delay > 0, ways.amount[:, None], 0)
    low, high, index = _index(ways, base, passed, amount, shape, weeks)
    return Cells(
        shipments=total(np.ones_like(known)),
        measured=total(known),
        delayed=total((delay > 0).astype(np.int64)),
        milli_minutes=total(minutes),
        milli_delay=total(milli_delay),
        lines=total(passed),
        first_slip_lines=total(np.where(is_slip, ways.late_lines[:, None], 0)),
        first_slip_amount=total(np.where(is_slip, ways.late_amount[:, None], 0)),
        delayed_amount=total(amount),
        index=index,
        index_low=low,
        index_high=high,
        peak_hour=_peak_hours(ways, base, milli_delay, shape),
    )


def _index(
    ways: Ways,
    base: IntArray,
    passed: IntArray,
    amount: IntArray,
    shape: tuple[int, int, int],
    weeks: int,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Interval and value of the index."""
    size = int(np.prod(shape))
    at = ways.week[:, None] * size + base
    sums = np.zeros((2, weeks * size), dtype=np.int64)
    np.add.at(sums[0], at.ravel(), amount.ravel())
    np.add.at(sums[1], at.ravel(), passed.ravel())
    late, lines = sums.reshape(2, weeks, size).astype(np.float64)
    draws = np.random.default_rng(SEED).multinomial(weeks, np.full(weeks, 1 / weeks), size=DRAWS)
    every = np.concatenate([np.ones((1, weeks)), draws.astype(np.float64)])
    drawn_late = (every @ late).reshape(-1, *shape)
    drawn_lines = (every @ lines).reshape(-1, *shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        share_late = drawn_late / drawn_late.sum(axis=1, keepdims=True)
        share_lines = drawn_lines / drawn_lines.sum(axis=1, keepdims=True)
        index = np.where(share_lines > 0, share_late / share_lines, np.nan)
    low = np.full(shape, np.nan)
    high = np.full(shape, np.nan)
    has_any = ~np.isnan(index[1:]).all(axis=0)
    if has_any.any():
        found = np.nanpercentile(index[1:][:, has_any], LIMITS, axis=0)
        low[has_any], high[has_any] = found
    return low, high, index[0]


def _peak_hours(
    ways: Ways, base: IntArray, milli_delay: IntArray, shape: tuple[int, int, int]
) -> IntArray:
    """Hour of the day in which the stages with most delay began, -1 without any delay."""
    size = int(np.prod(shape))
    is_known = (ways.starts >= 0) & (milli_delay > 0)
    sums = np.zeros(size * 24, dtype=np.int64)
    at = base * 24 + np.maximum(ways.starts, 0)
    np.add.at(sums, at[is_known], milli_delay[is_known])
    by_hour = sums.reshape(size, 24)
    peak = np.where(by_hour.sum(axis=1) > 0, by_hour.argmax(axis=1), -1)
    return peak.reshape(shape).astype(np.int64)
