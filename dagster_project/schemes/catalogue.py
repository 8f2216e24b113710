"""What an attribute is worth to a scheme: coverage, stability, information and overlap.

Pure functions on arrays, one row per entity. How an attribute is measured belongs in
``dagster_project/segmentation/attributes.py``.
"""

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from dagster_project.schemes.partitions import IntCounts, contingency
from dagster_project.segmentation.scores import BoolArray, FloatArray, mid_rank_percentile

COVERAGE_LIMIT = 0.80
"""Below it an attribute says nothing about a fifth of the customers."""

INFLATION_LIMIT = 5.0
"""Above it four fifths of an attribute are in the others (1 - 1/5)."""

PSI_ALPHA = 0.01
"""Share of unchanged populations that are called shifted."""


@dataclass(frozen=True)
class Shift:
    """Population stability index, what chance alone reaches, and whether the first exceeds it."""

    index: float
    limit: float
    is_shifted: bool


@dataclass(frozen=True)
class AttributeFacts:
    """One row of the catalogue; a figure that the data cannot support is None."""

    attribute_id: str
    coverage: float
    stability: float | None
    shift: Shift | None
    information_gain: float | None
    inflation: float | None
    is_chosen: bool
    reason: str


def coverage(missing: BoolArray) -> FloatArray:
    """Share of entities with a value, per column; no entity is no coverage."""
    return 1.0 - missing.mean(axis=0) if len(missing) else np.zeros(missing.shape[1])


def spearman(first: FloatArray, second: FloatArray) -> float | None:
    """Rank correlation of two columns with mid-ranks for ties; None if one does not vary.

    Source: C. Spearman, American Journal of Psychology 15 (1904).
    """
    if len(first) < 2:
        return None
    a, b = mid_rank_percentile(first), mid_rank_percentile(second)
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(np.clip(a @ b / size, -1.0, 1.0)) if size > 0 else None


def rank_stability(months: Sequence[FloatArray]) -> float | None:
    """Mean rank correlation from one month to the next.

    Args:
        months: One column per month, oldest first, rows aligned; NaN where there is no value.

    Returns:
        Mean over the neighbouring months for which it exists, else None.
    """
    found = []
    for before, after in itertools.pairwise(months):
        both = ~np.isnan(before) & ~np.isnan(after)
        one = spearman(before[both], after[both])
        if one is not None:
            found.append(one)
    return float(np.mean(found)) if found else None


def population_shift(
    before: FloatArray, after: FloatArray, bins: int = 10, alpha: float = PSI_ALPHA
) -> Shift | None:
    """Population stability index over quantile bins of ``before``, against a limit by size.

    Two samples of sizes n and m from one population have an index that is close to
    (1/n + 1/m) times chi-squared with bins - 1 degrees of freedom, so small populations may
    differ by more than the customary 0.10 and 0.25 without any shift. Bins with an empty side get
    half a count. For the same entities at two dates the limit is on the cautious side.
    Source: B. Yurdakul, Statistical Properties of Population Stability Index, Western Michigan
    University 2018; the index itself: S. Kullback, Information Theory and Statistics, 1959.

    Returns:
        None when a side is empty or ``before`` does not vary.
    """
    if not len(before) or not len(after):
        return None
    edges = np.unique(np.quantile(before, np.linspace(0, 1, bins + 1)[1:-1]))
    edges = edges[edges < before.max()]
    if not len(edges):
        return None
    counts = np.stack(
        [
            np.bincount(np.searchsorted(edges, side, side="left"), minlength=len(edges) + 1)
            for side in (before, after)
        ]
    )
    return shift_of_counts(counts, alpha)


def shift_of_counts(counts: IntCounts, alpha: float = PSI_ALPHA) -> Shift:
    """The index of two rows of counts by bin; see ``population_shift``."""
    # scipy.stats has the same value, and takes half a second longer to import.
    from scipy.special import chdtri

    # An empty bin has no logarithm; half a count says "fewer than one seen".
    filled = np.where((counts == 0).any(axis=0), counts + 0.5, counts)
    share = filled / filled.sum(axis=1, keepdims=True)
    index = float(((share[1] - share[0]) * np.log(share[1] / share[0])).sum())
    spread = float((1.0 / counts.sum(axis=1)).sum())
    limit = float(chdtri(counts.shape[1] - 1, alpha)) * spread
    return Shift(index, limit, index > limit)


def entropy(counts: IntCounts) -> float:
    """Entropy in bits of a distribution of counts (C. E. Shannon 1948)."""
    share = counts[counts > 0] / counts.sum()
    return float(-(share * np.log2(share)).sum())


def information_gain(attribute: Sequence[object], target: Sequence[object]) -> float:
    """Bits that knowing the class of the attribute saves about the class of the target.

    Source: J. R. Quinlan, Induction of Decision Trees, Machine Learning 1 (1986).
    """
    table = contingency(attribute, target).counts
    total = table.sum()
    if not total:
        return 0.0
    within = sum(row.sum() / total * entropy(row) for row in table)
    return float(entropy(table.sum(axis=0)) - within)


def quantile_class(values: FloatArray, classes: int = 5) -> list[str]:
    """Classes of about equal size; ties share one; NaN is the class ``missing``."""
    present = ~np.isnan(values)
    place = np.zeros(len(values), dtype=np.int64)
    share = mid_rank_percentile(values[present])
    place[present] = np.minimum((share * classes).astype(np.int64), classes - 1)
    return [f"{p + 1}" if ok else "missing" for p, ok in zip(place, present, strict=True)]


def rank_correlations(values: FloatArray) -> FloatArray:
    """Spearman of each pair of columns over the rows that have both; NaN where undefined."""
    count = values.shape[1]
    result = np.full((count, count), np.nan)
    for i in range(count):
        for j in range(i, count):
            both = ~np.isnan(values[:, i]) & ~np.isnan(values[:, j])
            found = spearman(values[both, i], values[both, j])
            result[i, j] = result[j, i] = np.nan if found is None else found
    return result


def variance_inflation(values: FloatArray) -> FloatArray:
    """1 / (1 - R squared) of the percentile of each column on those of the others.

    Percentiles, because they are what the score adds up. Rows with a NaN are left out. Infinite
    where a column follows from the others; NaN where it does not vary or rows are too few.
    Source: D. W. Marquardt, Technometrics 12 (1970).
    """
    rows = values[~np.isnan(values).any(axis=1)]
    count = values.shape[1]
    result = np.full(count, np.nan)
    if len(rows) <= count:
        return result
    ranks = np.stack([mid_rank_percentile(rows[:, k]) for k in range(count)], axis=1)
    ranks = ranks - ranks.mean(axis=0)
    for k in range(count):
        own, others = ranks[:, k], np.delete(ranks, k, axis=1)
        total = float(own @ own)
        if total < 1e-12:
            continue
        solved = np.linalg.lstsq(others, own, rcond=None)[0] if count > 1 else np.empty(0)
        left = own - others @ solved
        share = float(left @ left) / total
        result[k] = 1.0 / share if share > 1e-10 else np.inf
    return result


def judge_attributes(
    names: Sequence[str],
    months: Sequence[FloatArray],
    target: Sequence[object] | None = None,
    pinned: Collection[str] = (),
) -> list[AttributeFacts]:
    """Judge the attributes of a scheme and say which to keep.

    An attribute goes for too little coverage, then, the most inflated first and one at a time, for
    what the others already say. Pinned attributes stay whatever their figures.

    Args:
        names: One per column.
        months: Per month, oldest first, an array (entities, attributes) with NaN for missing.
        target: Class of each entity at the last month, for the information gain.
        pinned: Names that policy wants in any case.

    Returns:
        One row per attribute, in the order of the names.
    """
    latest = months[-1]
    covered = coverage(np.isnan(latest))
    dropped: dict[str, str] = {}
    for name, share in zip(names, covered, strict=True):
        if share < COVERAGE_LIMIT and name not in pinned:
            dropped[name] = f"coverage {share:.0%} is below {COVERAGE_LIMIT:.0%}"
    _drop_inflated(names, latest, pinned, dropped)
    inflation = variance_inflation(latest)
    return [
        AttributeFacts(
            attribute_id=name,
            coverage=float(covered[k]),
            stability=rank_stability([month[:, k] for month in months]),
            shift=_shift(months, k),
            information_gain=(
                information_gain(quantile_class(latest[:, k]), target) if target else None
            ),
            inflation=None if np.isnan(inflation[k]) else float(inflation[k]),
            is_chosen=name not in dropped,
            reason=dropped.get(name, "pinned by policy" if name in pinned else "keeps the limits"),
        )
        for k, name in enumerate(names)
    ]


def _shift(months: Sequence[FloatArray], column: int) -> Shift | None:
    first, last = months[0][:, column], months[-1][:, column]
    return population_shift(first[~np.isnan(first)], last[~np.isnan(last)])


def _drop_inflated(
    names: Sequence[str], values: FloatArray, pinned: Collection[str], dropped: dict[str, str]
) -> None:
    while True:
        kept = [k for k, name in enumerate(names) if name not in dropped]
        if len(kept) < 2:
            return
        inflation = variance_inflation(values[:, kept])
        over = [
            (-inflation[position], names[k])
            for position, k in enumerate(kept)
            if inflation[position] > INFLATION_LIMIT and names[k] not in pinned
        ]
        if not over:
            return
        size, name = min(over)
        dropped[name] = f"variance inflation {-size:.1f} is above {INFLATION_LIMIT:.0f}"
