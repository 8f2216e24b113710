"""Two ways of dividing the same entities: how they meet and how far they agree.

Pure functions; which schemes or dates are compared belongs in ``crosswalk.py``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntCounts = NDArray[np.int64]
FloatCounts = NDArray[np.float64]


@dataclass(frozen=True)
class Contingency:
    """Entities by class of the first (rows) and of the second division (columns)."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: IntCounts


def contingency(
    first: Sequence[object],
    second: Sequence[object],
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
) -> Contingency:
    """Count entities by both divisions; the n-th elements are of the same entity.

    Args:
        first: Class of each entity in the first division.
        second: Class of each entity in the second.
        rows: All classes of the first in the order wanted; sorted when not given.
        columns: The same for the second.

    Raises:
        ValueError: The divisions are of different lengths, or a class is not among those named.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} entities against {len(second)}")
    a, row_names = _places(first, rows)
    b, column_names = _places(second, columns)
    size = len(row_names) * len(column_names)
    flat = np.bincount(a * len(column_names) + b, minlength=size)
    counts = flat.reshape(len(row_names), len(column_names)).astype(np.int64)
    return Contingency(row_names, column_names, counts)


def _places(
    classes: Sequence[object], names: Sequence[str] | None
) -> tuple[IntCounts, tuple[str, ...]]:
    found, place = np.unique(np.array([str(c) for c in classes], dtype=str), return_inverse=True)
    known = tuple(names) if names is not None else tuple(str(name) for name in found)
    lookup = {name: position for position, name in enumerate(known)}
    unknown = [str(name) for name in found if name not in lookup]
    if unknown:
        raise ValueError(f"{', '.join(unknown)} not among {', '.join(known)}")
    target = np.array([lookup[str(name)] for name in found], dtype=np.int64)
    return (target[place] if len(place) else np.empty(0, dtype=np.int64)), known


def adjusted_rand_index(counts: IntCounts) -> float:
    """Agreement of two partitions beyond chance: 1 when they are the same, about 0 by chance.

    Source: L. Hubert and P. Arabie, Comparing Partitions, Journal of Classification 2 (1985).
    """
    both = _pairs(counts).sum()
    first, second = _pairs(counts.sum(axis=1)).sum(), _pairs(counts.sum(axis=0)).sum()
    every = _pairs(counts.sum())
    expected = first * second / every if every else 0.0
    best = (first + second) / 2.0
    return float((both - expected) / (best - expected)) if best != expected else 1.0


def _pairs(counts: NDArray[np.int64] | np.int64) -> FloatCounts:
    return np.asarray(counts, dtype=np.float64) * (np.asarray(counts) - 1) / 2.0


def cramers_v(counts: IntCounts) -> float | None:
    """Strength of association, 0 to 1; None when a division has only one class.

    Source: H. Cramer, Mathematical Methods of Statistics, Princeton 1946, page 282.
    """
    table = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0].astype(np.float64)
    if min(table.shape) < 2:
        return None
    total = table.sum()
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / total
    squared = float(((table - expected) ** 2 / expected).sum())
    return float(np.sqrt(squared / (total * (min(table.shape) - 1))))


def row_shares(counts: IntCounts) -> FloatCounts:
    """Transition matrix: share of each row by column; a row without entities is NaN."""
    total = counts.sum(axis=1, keepdims=True).astype(np.float64)
    return np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)
