"""What customers say against what they got: a line through all of them, and who stands off it.

The line is robust, so that the few it is to find do not move it. Sources: P. K. Sen, Journal of the
American Statistical Association 63 (1968), 1379-1389 (median of slopes); C. Leys et al., Journal of
Experimental Social Psychology 49 (2013), 764-766 (distance in median absolute deviations).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dagster_project.schemes.catalogue import spearman

FloatArray = NDArray[np.float64]

MIN_CUSTOMERS = 10
"""Fewer make no line."""
MOST = 2_000
"""More customers than this are thinned evenly for the slopes of all pairs."""
TO_DEVIATIONS = 1.4826
"""From a median absolute deviation to the standard deviation of a normal distribution."""
WORSE, AS_MEASURED, BETTER = "WORSE_THAN_MEASURED", "AS_MEASURED", "BETTER_THAN_MEASURED"


@dataclass(frozen=True)
class Line:
    """Perceived = ``intercept`` + ``slope`` * measured.

    ``distance``: shape (n,), of each customer from the line in robust standard deviations, 0 where
    all lie on it. ``rank_correlation`` is Spearman's, None where one side does not vary.
    """

    intercept: float
    slope: float
    expected: FloatArray
    distance: FloatArray
    rank_correlation: float | None


def line_through(measured: ArrayLike, perceived: ArrayLike) -> Line | None:
    """Return the line of Theil and Sen; None with too few customers or service that does not vary.

    Args:
        measured: Shape (n,), share of lines that were right.
        perceived: Shape (n,), on one scale for all.
    """
    x = np.asarray(measured, dtype=np.float64)
    y = np.asarray(perceived, dtype=np.float64)
    if len(x) < MIN_CUSTOMERS or float(np.ptp(x)) == 0:
        return None
    order = np.lexsort((y, x))
    thin = order[:: max(1, -(-len(order) // MOST))]
    first, second = np.triu_indices(len(thin), 1)
    run = x[thin][second] - x[thin][first]
    rise = y[thin][second] - y[thin][first]
    slope = float(np.median(rise[run > 0] / run[run > 0]))
    intercept = float(np.median(y - slope * x))
    expected = intercept + slope * x
    residual = y - expected
    spread = TO_DEVIATIONS * float(np.median(np.abs(residual - np.median(residual))))
    distance = residual / spread if spread > 0 else np.zeros(len(x))
    return Line(intercept, slope, expected, distance, spearman(x, y))


def verdict_of(distance: float, limit: float) -> str:
    """Say whether a customer perceives what was measured."""
    if abs(distance) <= limit:
        return AS_MEASURED
    return WORSE if distance < 0 else BETTER


def on_one_scale(survey_type: str, score: float) -> float | None:
    """Return a score from 0, the worst, to 1; None for a kind of survey that scores no service."""
    if survey_type == "NPS":
        return score / 10
    return (score - 1) / 4 if survey_type in ("CSAT", "CES", "LSQ", "SERVQUAL") else None
