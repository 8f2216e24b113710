"""Own figures against published studies, computed anew as the study defines them.

A study that asks for the product of four rates is answered by the product of four rates, whatever
the joint share of perfect orders is. Only what is public and citable ships
(``seeds/reference/benchmark.csv``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dagster_project.analytics.inputs import BoolArray

STALE_YEARS = 3
MIN_RESPONDENTS = 30


@dataclass(frozen=True)
class PerfectOrder:
    """Shares of one set of lines: ``joint`` is of lines perfect in all parts at once."""

    parts: Mapping[str, float]
    joint: float
    count: int

    @property
    def product(self) -> float:
        """Product of the parts; above ``joint`` where failures come together."""
        return float(np.prod(list(self.parts.values())))


def perfect_order(parts: Mapping[str, BoolArray]) -> PerfectOrder | None:
    """Return both forms of the perfect order; None without a line.

    Source: SCOR 12.0, RL.1.1 (joint); APQC, perfect order index (product of the rates).

    Args:
        parts: By name, of shape (n,): on time, in full, undamaged, right.
    """
    columns = [np.asarray(values, dtype=bool) for values in parts.values()]
    if not len(columns[0]):
        return None
    shares = {name: float(values.mean()) for name, values in zip(parts, columns, strict=True)}
    joint = np.logical_and.reduce(columns)
    return PerfectOrder(shares, float(joint.mean()), len(joint))


def percentile(own: float, quantiles: Mapping[float, float | None]) -> float | None:
    """Return the place among the peers from 0 to 1, between the quantiles that a study publishes.

    Args:
        own: Own value.
        quantiles: Value at 0.25, 0.5, 0.75 …; those that are not published are None.

    Returns:
        Straight between two quantiles, the outermost beyond them; None with fewer than two.
    """
    known = sorted((value, share) for share, value in quantiles.items() if value is not None)
    if len(known) < 2:
        return None
    values, shares = zip(*known, strict=True)
    return float(np.interp(own, values, shares))


def comparability(
    year: int, on_year: int, respondents: int | None, same: bool
) -> tuple[float, str]:
    """Return from 0 to 1 how far a comparison holds, and what weakens it.

    A third each for the definition, an age of up to three years, and thirty respondents or more.
    """
    weak: list[str] = []
    if not same:
        weak.append("another definition")
    if on_year - year > STALE_YEARS:
        weak.append(f"older than {STALE_YEARS} years")
    if respondents is None or respondents < MIN_RESPONDENTS:
        weak.append("respondents unknown" if respondents is None else "few respondents")
    return round(1 - len(weak) / 3, 9), ", ".join(weak)


def side_of(own: float, peers: Sequence[float | None]) -> str:
    """Say on which side of the median of the peers we are."""
    median = peers[0]
    if median is None:
        return "NO_MEDIAN"
    if abs(own - median) < 1e-12:
        return "AT_MEDIAN"
    return "ABOVE_MEDIAN" if own > median else "BELOW_MEDIAN"
