"""Many demand series of different length in one pair of flat arrays.

A series runs from its first demand to the logical period, with zeros in between and nothing
before. Periods are whole numbers (months or weeks since any origin), quantities base units.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dagster_project.errors import UsageError

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class DemandSeries:
    """Ragged table: series ``i`` is ``values[offsets[i]:offsets[i + 1]]`` in order of time.

    Attributes:
        keys: Name of each series, shape (n,).
        offsets: Where each series begins in ``values``, shape (n + 1,); a series may be empty.
        values: Demand per period in base units, zero or more, shape (offsets[-1],).
        is_reactivated: The history began anew after a long absence, shape (n,).
    """

    keys: NDArray[Any]
    offsets: IntArray
    values: FloatArray
    is_reactivated: BoolArray

    @classmethod
    def of(cls, series: list[list[float]]) -> "DemandSeries":
        """Make a table of plain lists; their keys are their positions.

        Raises:
            UsageError: A value is negative or not a number.
        """
        lengths = np.array([len(each) for each in series], dtype=np.int64)
        values = np.array([value for each in series for value in each], dtype=np.float64)
        _check_quantities(values)
        if (values < 0).any():
            raise UsageError(
                "A demand series holds a negative quantity.",
                "Returns are no demand and are never netted.",
                "Leave them out; `from_long` does.",
            )
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        n = len(series)
        return cls(np.arange(n), offsets, values, np.zeros(n, dtype=bool))

    @property
    def n(self) -> int:
        """Number of series."""
        return len(self.keys)

    @property
    def lengths(self) -> IntArray:
        """Periods of each series."""
        return np.diff(self.offsets)

    @cached_property
    def row_series(self) -> IntArray:
        """Number of the series that each value belongs to."""
        return np.repeat(np.arange(self.n), self.lengths)

    @cached_property
    def row_period(self) -> IntArray:
        """Number of the period of each value within its series, from 1."""
        return np.arange(len(self.values)) - self.offsets[:-1][self.row_series] + 1

    def sum_of(self, rows: FloatArray, where: BoolArray | None = None) -> FloatArray:
        """Sum one number per value over each series, or over some of its values."""
        chosen = slice(None) if where is None else where
        return np.bincount(self.row_series[chosen], rows[chosen], self.n).astype(np.float64)

    def with_values(self, values: FloatArray) -> "DemandSeries":
        """Return the same periods with other values, such as a cleansed series."""
        return DemandSeries(self.keys, self.offsets, values, self.is_reactivated)


def from_long(
    keys: NDArray[Any],
    periods: IntArray,
    quantities: FloatArray,
    last_period: int,
    reactivation_gap: int = 12,
) -> DemandSeries:
    """Make series of a long table of order lines.

    Quantities that are not positive (returns, corrections) are left out, not netted; so is what
    lies after ``last_period``. Periods without demand are zero after the first demand and missing
    before it. An absence of more than ``reactivation_gap`` periods ends a history: the series then
    begins with the demand after it and is marked. The order of the rows does not matter.

    Args:
        keys: Series of each line, shape (m,).
        periods: Period of each line, shape (m,).
        quantities: Quantity of each line in base units, shape (m,).
        last_period: Last complete period, the end of every series.
        reactivation_gap: Longest distance between two demands within one history.

    Returns:
        One series per distinct key, ordered by key; empty where nothing was demanded.

    Raises:
        UsageError: The arrays differ in length or a quantity is not a number.
    """
    if not len(keys) == len(periods) == len(quantities):
        raise UsageError(
            "The columns of the demand table differ in length.",
            f"Found {len(keys)} keys, {len(periods)} periods, {len(quantities)} quantities.",
            "Pass one of each per line.",
        )
    _check_quantities(quantities)
    names, code = np.unique(keys, return_inverse=True)
    counts = (quantities > 0) & (periods <= last_period)
    code, period, quantity = code[counts], periods[counts], quantities[counts]
    order = np.lexsort((quantity, period, code))
    code, period, quantity = code[order], period[order], quantity[order]
    is_first_line = np.ones(len(code), dtype=bool)
    is_first_line[1:] = (np.diff(code) != 0) | (np.diff(period) != 0)
    cell = np.flatnonzero(is_first_line)
    code, period = code[cell], period[cell]
    total = np.add.reduceat(quantity, cell) if len(cell) else quantity
    start, is_reactivated = _last_history(code, period, len(names), last_period, reactivation_gap)
    offsets = np.concatenate([[0], np.cumsum(last_period + 1 - start)]).astype(np.int64)
    values = np.zeros(offsets[-1])
    current = period >= start[code]
    values[offsets[code[current]] + period[current] - start[code[current]]] = total[current]
    return DemandSeries(names, offsets, values, is_reactivated)


def divide(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Divide element by element; NaN where the divisor is zero."""
    result = np.full(len(numerator), np.nan)
    return np.divide(numerator, denominator, out=result, where=denominator != 0)


def _last_history(
    code: IntArray, period: IntArray, n: int, last_period: int, gap: int
) -> tuple[IntArray, BoolArray]:
    """Return where the last history of each series begins, and whether it is not the first."""
    start = np.full(n, last_period + 1, dtype=np.int64)
    is_new = np.ones(len(code), dtype=bool)
    is_new[1:] = np.diff(code) != 0
    returns = np.zeros(len(code), dtype=bool)
    returns[1:] = ~is_new[1:] & (np.diff(period) > gap)
    begins = is_new | returns
    # Rows are in order of time, so the last assignment to a series is its last beginning.
    start[code[begins]] = period[begins]
    is_reactivated = np.zeros(n, dtype=bool)
    is_reactivated[code[returns]] = True
    return start, is_reactivated


def _check_quantities(quantities: FloatArray) -> None:
    if not np.isfinite(quantities).all():
        raise UsageError(
            "A demand quantity is not a number.",
            "Empty and infinite quantities cannot be added up.",
            "Leave the line out and count it as rejected.",
        )
