"""Ratios that are null with a reason where their denominator carries no meaning."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
TextArray = NDArray[np.object_]


@dataclass(frozen=True)
class Measured:
    """Values with a reason beside each missing one; the arrays have one element per row."""

    values: FloatArray
    """The value; NaN where there is none."""
    reasons: TextArray
    """Why the value is missing; None where it is there."""


def ratio(numerator: ArrayLike, denominator: ArrayLike, name: str = "denominator") -> Measured:
    """Divide row by row; a share of nothing, of a negative or of an unknown amount is no share.

    Args:
        numerator: Amounts, shape ``(n,)``; NaN where unknown.
        denominator: Amounts in the same unit, shape ``(n,)``; NaN where unknown.
        name: What the denominator is, for the reason.

    Raises:
        ValueError: The two have different lengths.
    """
    top, bottom = np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float)
    if top.shape != bottom.shape:
        raise ValueError(f"{top.size} numerators and {bottom.size} denominators")
    reasons = np.full(top.shape, None, dtype=object)
    reasons[np.isnan(top)] = "amount is unknown"
    reasons[~(bottom > 0)] = f"{name} is not positive"
    reasons[np.isnan(bottom)] = f"{name} is unknown"
    has_value = unexplained(reasons)
    values = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=has_value)
    return Measured(values, reasons)


def unexplained(reasons: TextArray) -> BoolArray:
    """Return the rows without a reason: those that have a value."""
    return np.asarray(pd.isnull(reasons))
