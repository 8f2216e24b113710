"""When a rule's condition holds: upwards at ``threshold_up``, downwards past ``threshold_down``.

Between the two thresholds lies the hysteresis band in which nothing fires. With ``<=`` and ``<``
less is better, so the band lies above ``threshold_up``. ``RANK_TOP_PCT`` compares the share of the
population in scope that is strictly better, so ties share a rank; ``CHANGE_PCT`` the change
against the window before, in percent; ``ZSCORE`` the distance from the mean of the population in
scope in standard deviations (population, not sample).
"""

import numpy as np
from numpy.typing import NDArray

from dagster_project.segmentation.scores import BoolArray, FloatArray

_LESS_IS_BETTER = ("<=", "<", "RANK_TOP_PCT")


def less_is_better(operator: str) -> bool:
    """Whether the band of an operator lies above ``threshold_up``."""
    return operator in _LESS_IS_BETTER


def measure(
    operator: str, value: FloatArray, before: FloatArray | None, in_scope: BoolArray
) -> FloatArray:
    """Return what the thresholds are compared with; NaN where it cannot be known.

    Args:
        operator: An operator of the vocabulary.
        value: Aggregate of the window.
        before: Aggregate of the window before; read by ``CHANGE_PCT`` only.
        in_scope: The population of ``RANK_TOP_PCT`` and ``ZSCORE``.
    """
    if operator == "CHANGE_PCT":
        base = np.full(len(value), np.nan) if before is None else before
        usable = base > 0
        change = 100 * (value / np.where(usable, base, 1.0) - 1)
        return np.where(usable, change, np.nan)
    if operator not in ("RANK_TOP_PCT", "ZSCORE"):
        return value
    inside = in_scope & ~np.isnan(value)
    result = np.full(len(value), np.nan)
    # Sorting first makes the sums independent of the order of the customers.
    population = np.sort(value[inside])
    if not len(population):
        return result
    if operator == "RANK_TOP_PCT":
        better = len(population) - np.searchsorted(population, value[inside], side="right")
        result[inside] = 100.0 * better / len(population)
        return result
    mean = population.sum() / len(population)
    spread = np.sqrt(((population - mean) ** 2).sum() / len(population))
    if spread > 0:
        result[inside] = (value[inside] - mean) / spread
    return result


def upward(operator: str, value: FloatArray, up: float | None, down: float | None) -> BoolArray:
    """Where the condition for entering the target holds; never where the value is NaN."""
    if operator == "BETWEEN":
        low, high = (np.nan if limit is None else limit for limit in (down, up))
        return (value >= low) & (value <= high)
    if up is None:
        return np.zeros(len(value), dtype=bool)
    if operator == ">":
        return value > up
    if operator == "<=":
        return value <= up
    if operator in ("<", "RANK_TOP_PCT"):
        return value < up
    return value >= up


def downward(operator: str, value: FloatArray, up: float | None, down: float | None) -> BoolArray:
    """Where the condition for leaving the target holds; never where the value is NaN."""
    if operator == "BETWEEN":
        low, high = (np.nan if limit is None else limit for limit in (down, up))
        return (value < low) | (value > high)
    if down is None:
        return np.zeros(len(value), dtype=bool)
    if operator == ">":
        return value <= down
    if operator == "<=":
        return value > down
    if operator in ("<", "RANK_TOP_PCT"):
        return value >= down
    return value < down


def count_on(streak: NDArray[np.int16], held: BoolArray) -> NDArray[np.int16]:
    """Evaluations in a row in which a condition held: one more, or back to zero."""
    return np.where(held, np.minimum(streak, 32_000) + 1, 0).astype(np.int16)
