"""What customers say: promoters, satisfaction, scales, each with its interval and its weight.

Sources: F. F. Reichheld, Harvard Business Review 81 (2003) no. 12; variance of a difference of two
shares of one sample, (p + d - (p - d)^2) / n; L. J. Cronbach, Psychometrika 16 (1951), 297-334;
A. Parasuraman, V. Zeithaml, L. Berry, Journal of Retailing 64 (1988), 12-40 (SERVQUAL gap).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dagster_project.monitoring.charts import Z_95, wilson

PROMOTER, DETRACTOR = 9, 6
"""Of ten: from here on a promoter, up to here a detractor."""
TOP_BOXES = 4
"""Of five: from here on satisfied."""
LSQ_DIMENSIONS = frozenset(
    {
        *("PERSONNEL_CONTACT", "ORDER_RELEASE", "INFORMATION", "ORDERING_PROCEDURES"),
        *("ORDER_ACCURACY", "ORDER_CONDITION", "ORDER_QUALITY", "DISCREPANCY_HANDLING"),
        "TIMELINESS",
    }
)
"""Logistics service quality: J. T. Mentzer, D. J. Flint, J. L. Kent, Journal of Business Logistics
20 (1999) no. 1, 9-32."""
SERVQUAL_ITEMS = {
    "TANGIBLES": 4,
    "RELIABILITY": 5,
    "RESPONSIVENESS": 4,
    "ASSURANCE": 4,
    "EMPATHY": 5,
}
"""The 22 items of SERVQUAL by dimension."""
MIN_ENTITIES = 5
"""Fewer customers behind a figure could be recognised."""


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval of 95 % and how many answers it stands on."""

    value: float
    lower: float
    upper: float
    count: int


def promoter_sign(score: float) -> float:
    """Return 1 for a promoter, -1 for a detractor, else 0."""
    return float(score >= PROMOTER) - float(score <= DETRACTOR)


def net_promoters(scores: ArrayLike) -> Estimate:
    """Return the net promoter score, from -1 to 1.

    Args:
        scores: Shape (n,), from 0 to 10, n at least 1.
    """
    values = np.asarray(scores, dtype=np.float64)
    promoters = float((values >= PROMOTER).mean())
    detractors = float((values <= DETRACTOR).mean())
    net = promoters - detractors
    reach = Z_95 * float(np.sqrt((promoters + detractors - net**2) / len(values)))
    return Estimate(net, net - reach, net + reach, len(values))


def top_boxes(scores: ArrayLike, least: int = TOP_BOXES) -> Estimate:
    """Return the share of answers in the best boxes, with the interval of Wilson.

    Args:
        scores: Shape (n,), from 1 to 5, n at least 1.
        least: Lowest answer that counts.
    """
    values = np.asarray(scores, dtype=np.float64)
    kept = int((values >= least).sum())
    lower, upper = wilson([kept], [len(values)])
    return Estimate(kept / len(values), float(lower[0]), float(upper[0]), len(values))


def mean_of(values: ArrayLike) -> Estimate:
    """Return a mean with the interval of the normal distribution.

    Args:
        values: Shape (n,), n at least 1.
    """
    series = np.asarray(values, dtype=np.float64)
    spread = series.std(ddof=1) if len(series) > 1 else 0.0
    reach = Z_95 * float(spread / np.sqrt(len(series)))
    mean = float(series.mean())
    return Estimate(mean, mean - reach, mean + reach, len(series))


def cronbach_alpha(answers: ArrayLike) -> float | None:
    """Return how far the items of a scale measure one thing; None where it cannot be said.

    Args:
        answers: Shape (respondents, items), without gaps.
    """
    table = np.asarray(answers, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] < 2 or table.shape[1] < 2:
        return None
    items = table.shape[1]
    whole = float(table.sum(axis=1).var(ddof=1))
    if whole == 0:
        return None
    return items / (items - 1) * (1 - float(table.var(axis=0, ddof=1).sum()) / whole)


def post_stratified(
    values: ArrayLike, strata: Sequence[str], population: Mapping[str, int]
) -> float | None:
    """Return the mean with each stratum at its share of the population; None without a share.

    A stratum in which nobody answered takes no part: the others keep their proportion.

    Args:
        values: Shape (n,).
        strata: Stratum of each answer.
        population: Customers by stratum.
    """
    series, names = np.asarray(values, dtype=np.float64), np.asarray(strata, dtype=object)
    means = {name: float(series[names == name].mean()) for name in dict.fromkeys(strata)}
    weights = {name: population.get(name, 0) for name in means}
    total = sum(weights.values())
    if not total:
        return None
    return sum(weights[name] * means[name] for name in sorted(means)) / total


def size_classes(amounts: ArrayLike) -> NDArray[np.str_]:
    """Return SMALL, MIDDLE or LARGE for each customer, by thirds of their number.

    Args:
        amounts: Shape (n,), what each customer bought.
    """
    series = np.asarray(amounts, dtype=np.float64)
    if not len(series):
        return np.zeros(0, dtype="<U6")
    low, high = np.percentile(series, [100 / 3, 200 / 3])
    return np.where(series <= low, "SMALL", np.where(series <= high, "MIDDLE", "LARGE"))


def standardised_difference(answered: ArrayLike, silent: ArrayLike) -> float | None:
    """Return the difference of two means in standard deviations; None where a side is too small.

    Whether those who answer are like those who do not: D. B. Rubin, Health Services and Outcomes
    Research Methodology 2 (2001), 169-188, calls more than a quarter too far apart.

    Args:
        answered: Shape (n,), n at least 2.
        silent: Shape (m,), m at least 2.
    """
    one, other = np.asarray(answered, dtype=np.float64), np.asarray(silent, dtype=np.float64)
    if len(one) < 2 or len(other) < 2:
        return None
    spread = float(np.sqrt((one.var(ddof=1) + other.var(ddof=1)) / 2))
    return None if spread == 0 else float(one.mean() - other.mean()) / spread


def is_of_scale(survey_type: str, dimension: str) -> bool:
    """Tell whether a scale has such a dimension; kinds without a scale have every one."""
    known = {"LSQ": LSQ_DIMENSIONS, "SERVQUAL": frozenset(SERVQUAL_ITEMS)}.get(survey_type)
    return known is None or dimension in known


def reason_to_hide(
    answers: int, entities: int, min_answers: int, what: str = "answers"
) -> str | None:
    """Say why a figure is not shown, or None: too few answers, or customers who could be known."""
    if answers < min_answers:
        return f"fewer than {min_answers} {what}"
    if entities < MIN_ENTITIES:
        return f"fewer than {MIN_ENTITIES} customers"
    return None
